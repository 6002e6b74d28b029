import type { Correction } from "@/lib/domain/correction.ts";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { replyKey, tenantKey, usageEventKey } from "@/lib/kv/keys.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import type { PlanChangeRow } from "@/lib/ports/subscription_ledger.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import type { StoredEntry } from "../support/memory_store.ts";
import { encodeKey } from "../support/kv_key_codec.ts";
import { unitsOf } from "./auditor.ts";
import type { CallRecord } from "../support/call.ts";
import { customerOf, EVENT_NAME, priceOf, TENANTS } from "../support/metered_tenants.ts";
import { EVENT_SOURCE } from "../support/metered_service.ts";
import type { World } from "./world.ts";

/** Kinds of keys that are there only while something waits to be done. */
export const OPEN_KINDS = [
  "minute",
  "parked",
  "outbox",
  "log",
  "ring",
  "quota_lease",
  "plan_move",
] as const;

/** Sums of one schedule, for the report. */
export interface Totals {
  readonly calls: number;
  readonly unitsAcknowledged: bigint;
  readonly unitsCounted: bigint;
  /** By operators: corrected, less written off. */
  readonly unitsAdjusted: bigint;
  /** By our books: accepted by Stripe and not refused afterwards. */
  readonly unitsSent: bigint;
  readonly unitsBilled: bigint;
  readonly kvCalls: number;
  readonly commits: number;
  readonly lostReplies: number;
  readonly repeatedCommits: number;
  readonly kills: number;
  readonly stripeCalls: number;
}

/** Compares, once all is quiet, what clients were told, what the books say and what Stripe bills. */
export async function judge(
  world: World,
  records: readonly CallRecord[] | null,
): Promise<{ violations: string[]; totals: Totals }> {
  const violations: string[] = [];
  if (records !== null) {
    for (const tenantId of TENANTS) {
      const own = records.filter(({ call }) => call.tenantId === tenantId);
      violations.push(
        ...judgeCalls(world, tenantId, own),
        ...judgeBill(world, tenantId),
        ...judgeCorrections(world, tenantId),
        ...judgePlan(world, tenantId),
      );
    }
    violations.push(...judgeInvoices(world), ...judgeConfirmed(world));
    violations.push(...judgeQuiet(world), ...judgeQuotas(world), ...await checkBooks(world));
  }
  violations.push(...judgeStripe(world));
  return { violations, totals: totalsOf(world, records ?? []) };
}

/** What the product's own audit says at this moment. */
export async function checkBooks({ kv, scheduler }: World): Promise<string[]> {
  const reader = createUsageStore({
    kv,
    log: createUsageLog({ kv }),
    clock: { nowMs: () => scheduler.nowMs },
  });
  const lines = (await reader.books()).filter(({ difference, moving }) =>
    difference !== 0n || moving
  );
  const evidence = await reader.evidence();
  return [
    ...lines.map((line) => `the books of ${line.tenantId} differ by ${line.difference}`),
    ...evidence.difference === 0n ? [] : [`the log and the books differ by ${evidence.difference}`],
  ];
}

function totalsOf(world: World, records: readonly CallRecord[]): Totals {
  const { kvCounts, kills, stripe } = world;
  const all = (stage: string) =>
    TENANTS.reduce((sum, tenantId) => sum + ledger(world, { tenantId }, stage), 0n);
  return {
    calls: records.length,
    unitsAcknowledged: sumOf(records.filter(({ acknowledged }) => acknowledged)),
    unitsCounted: all("acknowledged"),
    unitsAdjusted: all("adjusted") - all("written_off"),
    unitsSent: all("sent") - all("rejected"),
    unitsBilled: TENANTS.reduce(
      (sum, tenantId) => sum + stripe.billed(customerOf(tenantId), EVENT_NAME),
      0n,
    ),
    kvCalls: kvCounts.calls,
    commits: kvCounts.commits,
    lostReplies: kvCounts.lostReply,
    repeatedCommits: kvCounts.repeated,
    kills,
    stripeCalls: stripe.counts.calls,
  };
}

/** Stripe bills what was acknowledged: no unit is missing, none is there twice. */
function judgeBill(world: World, tenantId: string): string[] {
  const due = unitsDue(world, { tenantId });
  const billed = world.stripe.billed(customerOf(tenantId), EVENT_NAME);
  if (billed === due) return [];
  return [`${tenantId}: ${due} units are due and ${billed} are billed`];
}

/** Each invoice bills, for ever, what its period's units in the books cost by our own rating. */
function judgeInvoices(world: World): string[] {
  const { invoices } = world.stripe;
  return invoices.invoices.flatMap((invoice) => {
    const { invoiceId, stripeCustomerId, startMs, final, byItself, last } = invoice;
    const { periodId } = periodAt(startMs, "month");
    const tenantId = TENANTS.find((id) => customerOf(id) === stripeCustomerId) ?? "";
    const name = `${invoiceId} of ${tenantId} for ${periodId}`;
    if (final === null) return [`${name} is still a draft`];
    if (byItself) return [`${name} became final unasked`];
    const dueByVersion = unitsByVersion(world, { tenantId, periodId });
    const moved = dueByVersion.size > 1 || invoice.before.length > 0 || hasMoved(world, tenantId);
    // Nobody closes over the invoice of a plan that ends, so nothing on it is made up for.
    if (moved && last) return [];
    const dueMinor = [...dueByVersion].reduce(
      (sum, [planRevision, units]) => sum + (units > 0n ? units * priceOf(planRevision) : 0n),
      0n,
    );
    const minor = invoices.amountOf(invoice);
    if (minor !== dueMinor) return [`${name} bills ${minor}, due is ${dueMinor}`];
    if (moved) return [];
    const due = unitsDue(world, { tenantId, periodId });
    const units = final.reduce((sum, usage) => sum + usage.units, 0n);
    return due === units ? [] : [`${name} bills ${units} units, due are ${due}`];
  });
}

function hasMoved({ store }: World, tenantId: string): boolean {
  return store.entries(["plan_change", tenantId])
    .some(({ value }) => (value as PlanChangeRow).from !== null);
}

/** What the books have of a period, by the version that it was used under. */
function unitsByVersion(world: World, line: Required<BooksQuery>): ReadonlyMap<string, bigint> {
  const rows = world.store.entries(["ledger", line.tenantId, line.periodId]);
  const revisions = new Set(rows.map(({ key }) => String(key[4])));
  const stage = (planRevision: string, name: string) =>
    ledger(world, { ...line, planRevision }, name);
  return new Map([...revisions].map((planRevision) => [
    planRevision,
    stage(planRevision, "acknowledged") + stage(planRevision, "adjusted") -
    stage(planRevision, "written_off"),
  ]));
}

/** Stripe has followed every move. */
function judgePlan({ store, stripe }: World, tenantId: string): string[] {
  const tenant = store.get(tenantKey(tenantId))?.value as Tenant;
  const { status, planRevision } = stripe.subscription(tenantId);
  if (tenant.stripeSubscriptionId === null || status === "canceled") return [];
  return planRevision === tenant.planRevision
    ? []
    : [`${tenantId} is on ${tenant.planRevision}, and at Stripe on ${planRevision}`];
}

/** Every correction that was not refused counts once, and all of it. */
function judgeCorrections(world: World, tenantId: string): string[] {
  const decided = world.store.entries(["correction", tenantId])
    .map(({ value }) => value as Correction).filter(({ state }) => state !== "refused")
    .reduce((sum, { units }) => sum + units, 0n);
  const adjusted = ledger(world, { tenantId }, "adjusted");
  return decided === adjusted
    ? []
    : [`${tenantId}: corrections of ${decided} units count as ${adjusted}`];
}

function unitsDue(world: World, line: BooksQuery): bigint {
  const stage = (name: string) => ledger(world, line, name);
  return stage("acknowledged") + stage("adjusted") - stage("written_off");
}

export function openCorrections({ store }: World): Correction[] {
  return store.entries(["correction"]).map(({ value }) => value as Correction)
    .filter(({ state }) => state === "pending" || state === "approved");
}

/** Each identifier is billed once, and each minute of a customer and meter holds one of them. */
function judgeStripe({ stripe }: World): string[] {
  const billed = stripe.taken.filter(({ refusedCode }) => refusedCode === null);
  const minuteOf = ({ stripeCustomerId, eventName, timestampMs }: typeof billed[number]) =>
    `minute ${timestampMs} of ${stripeCustomerId} ${eventName}`;
  return [
    ...repeats(billed.map(({ identifier }) => `identifier ${identifier}`)),
    ...repeats(billed.map(minuteOf)),
  ].map((what) => `${what} is billed twice`);
}

/** What Stripe's summaries show is marked so, and only that. */
function judgeConfirmed(world: World): string[] {
  if (!world.scenario.confirmed) return [];
  return TENANTS.flatMap((tenantId) => {
    const stage = (name: string) => ledger(world, { tenantId }, name);
    const [sent, confirmed] = [stage("sent") - stage("rejected"), confirmedUnits(world, tenantId)];
    return sent === confirmed ? [] : [`${tenantId}: ${confirmed} of ${sent} units are confirmed`];
  });
}

function confirmedUnits({ store }: World, tenantId: string): bigint {
  return store.entries(["outbox_done", tenantId]).map(({ value }) => value as OutboxEntry)
    .filter(({ state }) => state === "confirmed").reduce((sum, { units }) => sum + units, 0n);
}

/** Nothing waits any more. */
function judgeQuiet({ store }: World): string[] {
  return OPEN_KINDS.flatMap((kind) => {
    const left = store.entries([kind]);
    return left.length === 0 ? [] : [`${left.length} left of ${kind}: ${show(left[0])}`];
  });
}

/** What the pool has handed out and not got back is exactly what was served. */
function judgeQuotas({ store, auditor }: World): string[] {
  return store.entries(["quota"]).flatMap(({ key, value }) => {
    const { granted } = value as { readonly granted: bigint };
    const line = key.slice(1).join(" ");
    const served = (auditor.served.get(line) ?? 0n) + (auditor.countedBefore.get(line) ?? 0n);
    return granted === served ? [] : [`${key.join("/")}: granted ${granted}, served ${served}`];
  });
}

function repeats(names: readonly string[]): string[] {
  return names.filter((name, at) => names.indexOf(name) !== at);
}

function show(entry: StoredEntry | undefined): string {
  return Deno.inspect(entry, { compact: true, breakLength: Infinity }).slice(0, 400);
}

/** acknowledged ⊆ counted ⊆ attempted, to the unit. */
function judgeCalls(world: World, tenantId: string, records: readonly CallRecord[]): string[] {
  const violations: string[] = [];
  let least = 0n;
  let most = 0n;
  for (const { call, acknowledged, unknown } of records) {
    const stands = call.guard !== null && isMarked(world, tenantId, call.callId, call.guard);
    if (call.guard !== null && acknowledged && !stands) {
      violations.push(`${call.callId} was acknowledged and is not in the store`);
    }
    if (stands && !acknowledged && !unknown) {
      violations.push(`${call.callId} was refused and is counted`);
    }
    const certain = call.guard === null ? acknowledged : stands;
    if (certain) least += call.units;
    if (certain || (call.guard === null && unknown)) most += call.units;
  }
  const counted = ledger(world, { tenantId }, "acknowledged");
  if (counted < least) {
    violations.push(`${tenantId}: ${least - counted} acknowledged units are lost`);
  }
  if (counted > most) violations.push(`${tenantId}: ${counted - most} units are counted twice`);
  return violations;
}

function isMarked(
  world: World,
  tenantId: string,
  callId: string,
  guard: "reply" | "event",
): boolean {
  const key = guard === "reply"
    ? replyKey(tenantId, callId)
    : usageEventKey(tenantId, EVENT_SOURCE, callId);
  return world.auditor.marked.has(encodeKey(key));
}

interface BooksQuery {
  readonly tenantId: string;
  readonly periodId?: string;
}

function ledger(
  world: World,
  { tenantId, periodId, planRevision }: BooksQuery & { readonly planRevision?: string },
  stage: string,
): bigint {
  const prefix = periodId === undefined ? [tenantId] : [tenantId, periodId];
  const rows = world.store.entries(["ledger", ...prefix])
    .filter(({ key }) => planRevision === undefined || key[4] === planRevision);
  const sumAt = (name: string) =>
    rows.filter(({ key }) => key.at(-1) === name)
      .reduce((sum, entry) => sum + unitsOf(entry), 0n);
  return sumAt(stage) - sumAt(`${stage}_negative`);
}

function sumOf(records: readonly CallRecord[]): bigint {
  return records.reduce((sum, { call }) => sum + call.units, 0n);
}
