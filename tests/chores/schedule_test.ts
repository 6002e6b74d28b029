import { assertEquals } from "@std/assert";
import { isOverdue, nextDueMs, SCHEDULES } from "@/lib/chores/schedule.ts";

const at = (time: string) => Date.parse(`2026-11-24T${time}Z`);

Deno.test("a chore is due next when its cron line says so", () => {
  const due = (name: keyof typeof SCHEDULES, time: string) =>
    new Date(nextDueMs(SCHEDULES[name], at(time))).toISOString().slice(5, 19);
  assertEquals(due("flush", "10:00:00"), "11-24T10:01:00");
  assertEquals(due("flush", "10:00:59"), "11-24T10:01:00");
  assertEquals(due("watch", "10:04:59"), "11-24T10:05:00");
  assertEquals(due("hourly", "10:06:59"), "11-24T10:07:00");
  assertEquals(due("hourly", "10:07:00"), "11-24T11:07:00");
  assertEquals(due("daily", "04:22:59"), "11-24T04:23:00");
  assertEquals(due("daily", "04:23:00"), "11-25T04:23:00");
});

Deno.test("period and offset say what the cron lines say, minute by minute over a day", () => {
  for (const { name, cron, everyMs, offsetMs } of Object.values(SCHEDULES)) {
    for (let minute = 0; minute < 1_440; minute++) {
      const atMs = at("00:00:00") + minute * 60_000;
      const bySpan = (atMs - offsetMs) % everyMs === 0;
      assertEquals(matches(cron, new Date(atMs)), bySpan, `${name} at minute ${minute}`);
    }
  }
});

Deno.test("a chore is late when two of its runs are missing, not when one is", () => {
  const late = (minutes: number) =>
    isOverdue(SCHEDULES.watch, { lastStartedAtMs: 0, nowMs: minutes * 60_000 });
  assertEquals([late(5), late(10), late(11), late(12)], [false, false, false, true]);
});

/** Minute and hour of a cron line; the other fields are stars. */
function matches(cron: string, date: Date): boolean {
  const [minute = "", hour = "", ...rest] = cron.split(" ");
  assertEquals(rest, ["*", "*", "*"]);
  const fits = (field: string, value: number) =>
    field === "*" || (field.startsWith("*/") && value % Number(field.slice(2)) === 0) ||
    field === String(value);
  return fits(minute, date.getUTCMinutes()) && fits(hour, date.getUTCHours());
}
