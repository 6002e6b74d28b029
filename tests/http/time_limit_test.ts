import { assertEquals, assertRejects } from "@std/assert";
import { TimeLimit } from "@/lib/http/time_limit.ts";

const never = new Promise<string>(() => {});
const late = () => "late";

Deno.test("what comes in time is passed on, a failure too", async () => {
  const limit = new TimeLimit(60_000);
  assertEquals(await limit.hold(Promise.resolve("there"), late), "there");
  await assertRejects(() => limit.hold(Promise.reject(new Error("broken")), late), Error, "broken");
});

Deno.test("each wait ends at its own limit, also one that began while another was on", async () => {
  const limit = new TimeLimit(10);
  const order: string[] = [];
  const wait = async (name: string) => order.push(`${name} ${await limit.hold(never, late)}`);
  const first = wait("first");
  const met = limit.hold(Promise.resolve("met"), late);
  const second = first.then(() => wait("second"));
  const third = wait("third");
  assertEquals(await met, "met");
  await Promise.all([first, second, third]);
  assertEquals(order, ["first late", "third late", "second late"]);
});

Deno.test("a limit that nobody waits for any more lets the process end", async () => {
  const script = `
    import { TimeLimit } from "@/lib/http/time_limit.ts";
    const limit = new TimeLimit(600_000);
    console.log(await limit.hold(Promise.resolve("over"), () => "late"));
  `;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    cwd: new URL("../../", import.meta.url),
    signal: AbortSignal.timeout(60_000),
  }).output();
  assertEquals([success, new TextDecoder().decode(stdout)], [true, "over\n"]);
});
