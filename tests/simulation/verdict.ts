import { replyKey, usageEventKey } from "@/lib/kv/keys.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import type { StoredEntry } from "../support/memory_store.ts";
import { encodeKey } from "../support/kv_key_codec.ts";
import { unitsOf } from "./auditor.ts";
import type { CallRecord } from "../support/call.ts";
import { customerOf, EVENT_NAME, TENANTS } from "../support/metered_tenants.ts";
import { EVENT_SOURCE } from "../support/metered_service.ts";
import type { World } from "./world.ts";

/** Kinds of keys that are there only while something waits to be done. */
export const OPEN_KINDS = ["minute", "parked", "outbox", "log", "ring", "quota_lease"] as const;

/** Sums of one schedule, for the report. */
export interface Totals {
  readonly calls: number;
  readonly unitsAcknowledged: bigint;
  readonly unitsCounted: bigint;
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
      violations.push(...judgeCalls(world, tenantId, own), ...judgeBill(world, tenantId));
    }
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
    TENANTS.reduce((sum, tenantId) => sum + ledger(world, tenantId, stage), 0n);
  return {
    calls: records.length,
    unitsAcknowledged: sumOf(records.filter(({ acknowledged }) => acknowledged)),
    unitsCounted: all("acknowledged"),
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
  const counted = ledger(world, tenantId, "acknowledged");
  const billed = world.stripe.billed(customerOf(tenantId), EVENT_NAME);
  if (billed === counted) return [];
  return [`${tenantId}: ${counted} units are counted and ${billed} are billed`];
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
  const counted = ledger(world, tenantId, "acknowledged");
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

function ledger(world: World, tenantId: string, stage: string): bigint {
  return world.store.entries(["ledger", tenantId])
    .filter(({ key }) => key.at(-1) === stage)
    .reduce((sum, entry) => sum + unitsOf(entry), 0n);
}

function sumOf(records: readonly CallRecord[]): bigint {
  return records.reduce((sum, { call }) => sum + call.units, 0n);
}
