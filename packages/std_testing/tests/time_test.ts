import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime, TimeError } from "../time.ts";

Deno.test("time stands still until it is moved", () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const start = Date.now();
  assertEquals(start, Date.UTC(2026, 0, 1));
  assertEquals(new Date().toISOString(), "2026-01-01T00:00:00.000Z");
  time.tick(1_500);
  assertEquals(Date.now(), start + 1_500);
  assertEquals(time.now, start + 1_500);
  assertEquals(time.start, start);
});

Deno.test("tick() runs the timers that fall due, in order", () => {
  using time = new FakeTime(0);
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, Date.now()]);
  setTimeout(note("late"), 30);
  setTimeout(note("early"), 10);
  const interval = setInterval(note("every"), 15);
  time.tick(30);
  clearInterval(interval);
  time.tick(100);
  assertEquals(seen, [["early", 10], ["every", 15], ["late", 30], ["every", 30]]);
});

Deno.test("a cleared timer never runs", () => {
  using time = new FakeTime(0);
  let ran = false;
  clearTimeout(setTimeout(() => ran = true, 5));
  time.tick(10);
  assertEquals(ran, false);
});

Deno.test("tickAsync() lets promises run between timers", async () => {
  using time = new FakeTime(0);
  const seen: string[] = [];
  setTimeout(async () => {
    seen.push("timer");
    await Promise.resolve();
    seen.push("promise");
    setTimeout(() => seen.push("second"), 5);
  }, 5);
  await time.tickAsync(20);
  assertEquals(seen, ["timer", "promise", "second"]);
});

Deno.test("next() jumps to the next timer and tells whether there was one", async () => {
  using time = new FakeTime(0);
  setTimeout(() => {}, 1_000);
  assertEquals(time.next(), true);
  assertEquals(time.now, 1_000);
  assertEquals(time.next(), false);
  setTimeout(() => {}, 10);
  assertEquals(await time.nextAsync(), true);
  assertEquals(await time.nextAsync(), false);
});

Deno.test("runAll() runs timers that timers set", async () => {
  using time = new FakeTime(0);
  let count = 0;
  const again = () => {
    if (++count < 4) setTimeout(again, 10);
  };
  setTimeout(again, 10);
  time.runAll();
  assertEquals([count, time.now], [4, 40]);
  setTimeout(() => count = 0, 10);
  await time.runAllAsync();
  assertEquals(count, 0);
});

Deno.test("now can be set forwards, not backwards", () => {
  using time = new FakeTime(1_000);
  let ran = false;
  setTimeout(() => ran = true, 500);
  time.now = 2_000;
  assertEquals(ran, true);
  assertThrows(() => time.now = 1_000, RangeError);
});

Deno.test("delay() follows fake time and can be aborted", async () => {
  using time = new FakeTime(0);
  let done = false;
  const waiting = time.delay(100).then(() => done = true);
  await time.tickAsync(99);
  assertEquals(done, false);
  await time.tickAsync(1);
  await waiting;
  const controller = new AbortController();
  const aborted = time.delay(100, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
});

Deno.test("restore() brings real time back, once", () => {
  const time = new FakeTime(0);
  time.restore();
  assertEquals(Date.now() > 1_000_000, true);
  assertThrows(() => time.restore(), TimeError);
  assertThrows(() => FakeTime.restore(), TimeError);
});

Deno.test("time cannot be faked twice at once", () => {
  using _time = new FakeTime(0);
  assertThrows(() => new FakeTime(0), TimeError);
});

Deno.test("an invalid start is refused and leaves real time alone", () => {
  assertThrows(() => new FakeTime("not a date"), TypeError);
  new FakeTime(0).restore();
});

Deno.test("restoreFor() runs in real time and returns to fake time", async () => {
  using _time = new FakeTime(5);
  const realNow = await FakeTime.restoreFor(() => Date.now());
  assertEquals(realNow > 1_000_000, true);
  assertEquals(Date.now(), 5);
});
