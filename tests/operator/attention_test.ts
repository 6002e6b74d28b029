import type { CreditToMirror } from "@/lib/ports/money_ledger.ts";
import type { PlanMove } from "@/lib/ports/subscription_ledger.ts";
import { assertEquals } from "@std/assert";
import type { HomeModel } from "@/components/operator/HomePage.tsx";
import { attentionOf } from "@/lib/operator/attention.ts";
import { choreNamed, choreState } from "@/lib/operator/load_runs.ts";
import type { ChoreRun } from "@/lib/ports/chores.ts";

const NOW = Date.UTC(2026, 10, 24, 10);
const MINUTE = 60_000;

Deno.test("nothing needs a person while all is well", () => {
  assertEquals(attentionOf(facts(), NOW), []);
});

Deno.test("each trouble is named once, worst first, and leads to its page", () => {
  const pipeline = {
    ...facts().pipeline,
    outbox: { ...facts().pipeline.outbox, held: { entries: 2, units: 9n } },
    oldestUnsentAgeMs: 16 * MINUTE,
  };
  const found = attentionOf(
    facts({
      books: { ...facts().books, differingLines: 1, difference: 4n },
      chores: [
        choreState("flush", {
          runs: [run({ ok: false, report: { error: "no store" } })],
          nowMs: NOW,
        }),
        choreState("watch", { runs: [run({ startedAtMs: NOW - 12 * MINUTE })], nowMs: NOW }),
      ],
      pipeline,
      heldCloses: 1,
      longHeldCloses: 0,
      planMoves: [move(NOW - 3_600_000, "Stripe is down"), move(NOW - 1_000, null)],
      failedCredits: [credit("Stripe is down"), credit("Try later")],
      approvals: 1,
      statuses: { active: 1, past_due: 2, suspended: 0, closed: 0 },
      unpricedTenants: 1,
      unsubscribedTenants: 3,
      anomalies: [anomaly(NOW - 3_600_000), anomaly(NOW - 48 * 3_600_000)],
    }),
    NOW,
  );
  assertEquals(found.map(({ key, tone, href }) => [key, tone, href]), [
    ["books", "bad", "/operator/books?show=differ"],
    ["run-flush", "bad", "/operator/runs?name=flush"],
    ["run-watch", "bad", "/operator/runs?name=watch"],
    ["outbox", "warn", "/operator/outbox"],
    ["unsent", "warn", "/operator/runs?name=flush"],
    ["closes", "warn", "/operator/closes"],
    ["plan_moves", "warn", "/operator/tenants/ten_a/plan"],
    ["credits", "warn", "/operator/tenants/ten_a/money"],
    ["approvals", "warn", "/operator/approvals"],
    ["unpriced", "warn", "/operator/tenants"],
    ["past_due", "warn", "/operator/tenants"],
    ["unsubscribed", "info", "/operator/tenants"],
    ["anomalies", "info", "/operator/anomalies"],
  ]);
  assertEquals(found.find(({ key }) => key === "run-flush")?.detail, "no store");
  const { title, detail } = found.find(({ key }) => key === "plan_moves") ?? {};
  assertEquals([title, detail], [
    "Stripe has yet to follow 1 plan change",
    "ten_a is on scale@1: Stripe is down",
  ]);
  const credits = found.find(({ key }) => key === "credits");
  assertEquals([credits?.title, credits?.detail], [
    "Stripe has yet to take 2 credits",
    "ten_a: Stripe is down. Invoices at Stripe draw nothing from it until then.",
  ]);
  assertEquals(
    found.find(({ key }) => key === "anomalies")?.title,
    "1 anomaly in the last 24 hours",
  );
});

Deno.test("counts that are still moving are no difference, and a chore that never ran is not late", () => {
  const evidence = { segments: 5n, ledger: 4n, difference: 1n, moving: true };
  const chores = [choreState("daily", { runs: [], nowMs: NOW })];
  assertEquals(attentionOf(facts({ evidence, chores }), NOW), []);
});

Deno.test("a chore's state has its last run, its last failure and when it is due", () => {
  const runs = [run(), run({ startedAtMs: NOW - 5 * MINUTE, ok: false })];
  const state = choreState("watch", { runs, nowMs: NOW });
  assertEquals([state.last, state.lastFailure], [runs[0], runs[1]]);
  assertEquals([state.nextDueMs - NOW, state.overdue], [5 * MINUTE, false]);
  assertEquals([choreNamed("hourly"), choreNamed("yearly"), choreNamed(null)], [
    "hourly",
    null,
    null,
  ]);
});

function run(parts: Partial<ChoreRun> = {}): ChoreRun {
  const startedAtMs = parts.startedAtMs ?? NOW - MINUTE;
  return { name: "flush", startedAtMs, endedAtMs: startedAtMs + 5, ok: true, report: {}, ...parts };
}

function anomaly(hourStartMs: number): HomeModel["anomalies"][number] {
  return {
    tenantId: "t",
    meter: "m",
    hourStartMs,
    kind: "spike",
    units: 9,
    expected: 1,
    score: 8,
    foundAtMs: hourStartMs,
  };
}

function facts(parts: Partial<HomeModel> = {}): Omit<HomeModel, "attention" | "names"> {
  const none = { entries: 0, units: 0n };
  const noLines = { lines: 0, units: 0n };
  return {
    asOfMs: NOW,
    hours: [],
    revenue: [],
    unpricedTenants: 0,
    unsubscribedTenants: 0,
    statuses: { active: 2, past_due: 0, suspended: 0, closed: 0 },
    books: {
      lines: 1,
      acknowledged: 5n,
      log: 0n,
      windows: 5n,
      outbox: 0n,
      atStripe: 0n,
      confirmed: 0n,
      writtenOff: 0n,
      differingLines: 0,
      difference: 0n,
    },
    evidence: { segments: 5n, ledger: 5n, difference: 0n, moving: false },
    pipeline: {
      asOfMs: NOW,
      acknowledgedUnits: 5n,
      unfoldedSegments: 0,
      openWindows: 1,
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
      oldestUnsentAgeMs: 30_000,
      lastFlushAtMs: NOW,
    },
    runs: [],
    chores: [],
    planMoves: [],
    failedCredits: [],
    approvals: 0,
    heldCloses: 0,
    longHeldCloses: 0,
    anomalies: [],
    ...parts,
  };
}

function move(startedAtMs: number, detail: string | null): PlanMove {
  const tried = { attempts: detail === null ? 0 : 3, nextAttemptAtMs: NOW + MINUTE, detail };
  return { tenantId: "ten_a", from: "growth@1", to: "scale@1", startedAtMs, ...tried };
}

function credit(detail: string): CreditToMirror {
  const tried = { attempts: 2, nextAttemptAtMs: NOW + MINUTE, detail };
  return { tenantId: "ten_a", creditId: "crd_1", ...tried };
}
