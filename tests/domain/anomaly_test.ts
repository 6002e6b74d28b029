import { assertEquals } from "@std/assert";
import { detectAnomaly, ewma, median } from "@/lib/domain/anomaly.ts";

const STEADY = [100, 104, 98, 101, 99, 103, 100, 97, 102, 100];

Deno.test("a tenfold hour is a spike and a silent one is a drop", () => {
  assertEquals(detectAnomaly(STEADY, 1_000)?.kind, "spike");
  assertEquals(detectAnomaly(STEADY, 0)?.kind, "drop");
  assertEquals(detectAnomaly(STEADY, 110), null);
});

Deno.test("one outlier in the past hides no later one", () => {
  assertEquals(detectAnomaly([...STEADY, 50_000, 100, 101], 1_000)?.kind, "spike");
});

Deno.test("steady growth raises no alarm", () => {
  const growth = Array.from({ length: 20 }, (_, day) => 100 * 1.1 ** day);
  assertEquals(detectAnomaly(growth, 100 * 1.1 ** 20), null);
});

Deno.test("a short or tiny past says nothing", () => {
  assertEquals(detectAnomaly([1, 1, 1], 1_000), null);
  assertEquals(detectAnomaly(STEADY.map(() => 0), 9), null);
  assertEquals(detectAnomaly(STEADY.map(() => 0), 500)?.kind, "spike");
});

Deno.test("median() and ewma() of known series", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
  assertEquals(ewma([10, 20], 0.5), 15);
  assertEquals(ewma([]), 0);
});
