import { assertEquals } from "@std/assert";
import { runWords, tookWords } from "@/components/operator/run_words.ts";

Deno.test("a run's report reads as a sentence, without what was nothing", () => {
  assertEquals(
    runWords({ sealed: 1, sent: 1_204, held: 0, unauthorized: false }, "en"),
    "1 minute sealed, 1,204 entries sent",
  );
  assertEquals(
    runWords({ creditsGiven: 2, creditsFailed: 1, creditsLeft: 0, olderHeld: 1 }, "en"),
    "2 credits given to Stripe, 1 credit that Stripe did not take, 1 older invoice still held",
  );
  assertEquals(runWords({ sent: 0, waiting: 0 }, "en"), "Nothing was due");
  assertEquals(runWords({}, "en"), "Nothing was due");
  assertEquals(runWords({ error: "Error: no store" }, "en"), "Error: no store");
  assertEquals(runWords({ somethingNew: 3 }, "en"), "Something new: 3");
  assertEquals(runWords({ unauthorized: true }, "en").startsWith("Stripe refused our key"), true);
});

Deno.test("a run's duration is told in the unit that fits", () => {
  const took = (ms: number) =>
    tookWords({ name: "flush", startedAtMs: 0, endedAtMs: ms, ok: true, report: {} });
  assertEquals([took(0), took(840), took(2_449), took(65_000), took(-3)], [
    "0 ms",
    "840 ms",
    "2.4 s",
    "1 min 5 s",
    "0 ms",
  ]);
});
