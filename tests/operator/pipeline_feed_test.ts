import { assert, assertEquals } from "@std/assert";
import { createPipelineFeed, type PipelineEvent } from "@/lib/operator/pipeline_feed.ts";
import { whileAlive } from "@/lib/http/while_alive.ts";
import type { PipelineStatus } from "@/lib/ports/usage.ts";
import { CountingIds, FixedClock } from "../support/fixed_effects.ts";

Deno.test("whoever watches first gets a sample at once, and one every two seconds after", async () => {
  const { feed, clock } = world();
  const events = feed.follow(null);
  const startMs = clock.nowMs();
  const first = await next(events);
  assertEquals(first.data.samples.map(({ asOfMs }) => asOfMs), [startMs]);
  const second = await next(events);
  assertEquals(second.data.samples.map(({ asOfMs }) => asOfMs), [startMs + 2_000]);
});

Deno.test("a reader that comes back gets what it missed and nothing twice", async () => {
  const { feed } = world();
  const away = feed.follow(null);
  const seen = [await next(away), await next(away)];
  const last = seen[1]?.id ?? "";
  await away.return(undefined);
  const other = feed.follow(null);
  for (let sample = 0; sample < 4; sample++) await next(other);
  const back = await next(feed.follow(last));
  const known = new Set(seen.flatMap(({ data }) => data.samples.map(({ asOfMs }) => asOfMs)));
  assert(back.data.samples.length >= 3, "what was sampled meanwhile");
  assert(back.data.samples.every(({ asOfMs }) => !known.has(asOfMs)));
  const times = back.data.samples.map(({ asOfMs }) => asOfMs);
  assertEquals(times[0], Math.max(...known) + 2_000);
});

Deno.test("an id of another instance, of long ago or of nonsense begins anew", async () => {
  const { feed } = world();
  const reader = feed.follow(null);
  const first = await next(reader);
  await next(reader);
  for (const id of ["feed_9999.1", "x", "", `${first.id}9999`, first.id.replace(".", ".-")]) {
    const { data } = await next(feed.follow(id));
    assertEquals(data.samples.length, 2, id);
  }
  for (let sample = 0; sample < 200; sample++) await next(reader);
  const { data } = await next(feed.follow(first.id));
  assertEquals(data.samples.length, 150);
});

Deno.test("the pipeline is read once for all who watch, and not while nobody does", async () => {
  const { feed, reads } = world();
  const readers = Array.from({ length: 20 }, () => feed.follow(null));
  for (let round = 0; round < 3; round++) await Promise.all(readers.map(next));
  assertEquals(reads(), 3);
  await Promise.all(readers.map((reader) => reader.return(undefined)));
  assertEquals(reads(), 3);
});

Deno.test("a slow reader gets several samples together and fills no memory", async () => {
  const { feed } = world();
  const slow = feed.follow(null);
  await next(slow);
  const quick = feed.follow(null);
  for (let sample = 0; sample < 200; sample++) await next(quick);
  const late = await next(slow);
  assertEquals(late.data.samples.length, 150);
});

Deno.test("a read that fails ends the stream, and the next one begins with a new try", async () => {
  const { feed, fail } = world();
  const reader = feed.follow(null);
  const first = await next(reader);
  fail();
  const outcome = await reader.next().catch((error: unknown) => String(error));
  assertEquals(outcome, "Error: store is away");
  const { data } = await next(feed.follow(first.id));
  assertEquals(data.samples.length, 1);
});

Deno.test("a stream ends after ten minutes, and with the session that opened it", async () => {
  const { feed, clock } = world();
  const startMs = clock.nowMs();
  for await (const _ of feed.follow(null)) { /* until it ends */ }
  assert(clock.nowMs() - startMs >= 10 * 60_000);
  let asked = 0;
  const seen: string[] = [];
  const alive = () => Promise.resolve(++asked <= 2);
  for await (const { id } of whileAlive(feed.follow(null), alive)) seen.push(id);
  assertEquals(seen.length, 2);
});

async function next(events: AsyncGenerator<PipelineEvent>): Promise<PipelineEvent> {
  const { value, done } = await events.next();
  if (done === true) throw new Error("The stream has ended");
  return value;
}

/** A pipeline that counts a hundred units a second, under a clock that jumps to whoever waits. */
function world() {
  const clock = new FixedClock();
  const startMs = clock.nowMs();
  let reads = 0;
  let failing = false;
  const scheduler = {
    after: (delayMs: number, task: () => void) => {
      queueMicrotask(() => {
        clock.advance(delayMs);
        task();
      });
      return () => {};
    },
  };
  const pipeline = (): Promise<PipelineStatus> => {
    reads += 1;
    if (failing) {
      failing = false;
      return Promise.reject(new Error("store is away"));
    }
    const none = { entries: 0, units: 0n };
    const noLines = { lines: 0, units: 0n };
    return Promise.resolve({
      asOfMs: clock.nowMs(),
      acknowledgedUnits: BigInt(clock.nowMs() - startMs) / 10n,
      unfoldedSegments: 0,
      openWindows: 0,
      outbox: {
        ready: none,
        in_flight: none,
        sent: none,
        confirmed: none,
        rejected: none,
        held: none,
        doubtful: none,
        written_off: none,
      },
      parked: { waiting: noLines, unbilled: noLines },
      oldestUnsentAgeMs: null,
      lastFlushAtMs: null,
    });
  };
  const feed = createPipelineFeed({
    clock,
    scheduler,
    ids: new CountingIds(),
    usage: { pipeline },
  });
  return { feed, clock, reads: () => reads, fail: () => failing = true };
}
