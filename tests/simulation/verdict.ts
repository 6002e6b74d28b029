import { replyKey, usageEventKey } from "@/lib/kv/keys.ts";
import { unitsOf } from "./auditor.ts";
import type { CallRecord } from "./call.ts";
import { TENANTS } from "./tenants.ts";
import type { World } from "./world.ts";

/** Sums of one schedule, for the report. */
export interface Totals {
  readonly calls: number;
  readonly unitsAcknowledged: bigint;
  readonly unitsCounted: bigint;
  readonly unitsSent: bigint;
  readonly kvCalls: number;
  readonly commits: number;
  readonly lostReplies: number;
  readonly repeatedCommits: number;
  readonly kills: number;
  readonly stripeCalls: number;
}

/** Compares, once all is quiet, what clients were told, what the books say and what Stripe bills. */
export function judge(
  world: World,
  records: readonly CallRecord[],
): { violations: string[]; totals: Totals } {
  const violations: string[] = [];
  for (const tenantId of TENANTS) {
    const own = records.filter(({ call }) => call.tenantId === tenantId);
    violations.push(...judgeCalls(world, tenantId, own));
  }
  const { kvCounts, kills, stripe } = world;
  return {
    violations,
    totals: {
      calls: records.length,
      unitsAcknowledged: sumOf(records.filter(({ acknowledged }) => acknowledged)),
      unitsCounted: TENANTS.reduce(
        (sum, tenantId) => sum + ledger(world, tenantId, "acknowledged"),
        0n,
      ),
      unitsSent: TENANTS.reduce((sum, tenantId) => sum + ledger(world, tenantId, "sent"), 0n),
      kvCalls: kvCounts.calls,
      commits: kvCounts.commits,
      lostReplies: kvCounts.lostReply,
      repeatedCommits: kvCounts.repeated,
      kills,
      stripeCalls: stripe.counts.calls,
    },
  };
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
    : usageEventKey(tenantId, "sim", callId);
  return world.store.get(key) !== null;
}

function ledger(world: World, tenantId: string, stage: string): bigint {
  return world.store.entries(["ledger", tenantId])
    .filter(({ key }) => key.at(-1) === stage)
    .reduce((sum, entry) => sum + unitsOf(entry), 0n);
}

function sumOf(records: readonly CallRecord[]): bigint {
  return records.reduce((sum, { call }) => sum + call.units, 0n);
}
