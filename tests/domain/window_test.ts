import { assertEquals, assertThrows } from "@std/assert";
import { dayOf, hourOf, minuteOf, spanStart } from "@/lib/domain/window.ts";

Deno.test("an instant belongs to the span that starts at or before it, in UTC", () => {
  const midnight = Date.UTC(2028, 1, 29);
  assertEquals(dayOf(midnight), midnight);
  assertEquals(dayOf(midnight - 1), Date.UTC(2028, 1, 28));
  assertEquals(hourOf(midnight + 3_599_999), midnight);
  assertEquals(minuteOf(midnight + 60_000), midnight + 60_000);
  assertEquals(spanStart(midnight + 4_999, 5_000), midnight);
});

Deno.test("what is no time has no span", () => {
  for (const atMs of [Number.NaN, -1, 1.5, Infinity]) assertThrows(() => minuteOf(atMs));
});
