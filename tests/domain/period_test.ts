import { assertEquals } from "@std/assert";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";

Deno.test("a period is half-open: its end is the next one's start", () => {
  const january = periodAt(Date.UTC(2026, 0, 31, 23, 59, 59, 999), "month");
  const february = periodAt(Date.UTC(2026, 1, 1), "month");
  assertEquals(january.periodId, "2026-01-01");
  assertEquals(february.periodId, "2026-02-01");
  assertEquals(january.endMs, february.startMs);
});

Deno.test("shiftPeriod() crosses years and short months", () => {
  const january = periodAt(Date.UTC(2026, 0, 31), "month");
  assertEquals(shiftPeriod(january, 1, "month").periodId, "2026-02-01");
  assertEquals(shiftPeriod(january, -1, "month").periodId, "2025-12-01");
  assertEquals(shiftPeriod(january, 25, "month").periodId, "2028-02-01");
});

Deno.test("a leap February has 29 days and a yearly period a whole year", () => {
  const february = periodAt(Date.UTC(2028, 1, 29), "month");
  assertEquals((february.endMs - february.startMs) / 86_400_000, 29);
  const year = periodAt(Date.UTC(2026, 5, 5), "year");
  assertEquals(year, {
    periodId: "2026-01-01",
    startMs: Date.UTC(2026, 0, 1),
    endMs: Date.UTC(2027, 0, 1),
  });
  assertEquals(shiftPeriod(year, 1, "year").periodId, "2027-01-01");
});
