import { quotaLeaseKey } from "@/lib/kv/keys.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import type { MeteringEngine } from "@/lib/metering/engine.ts";
import { QuotaGate } from "@/lib/metering/quota.ts";
import type { UsageEntry } from "@/lib/ports/usage.ts";
import { call, type MeteringWorld, PERIOD } from "./metering_world.ts";

export const LINE = { tenantId: "acme", meter: "risk_score", periodId: PERIOD };

export interface Served {
  readonly engine: MeteringEngine;
  readonly gate: QuotaGate;
}

export function instance(world: MeteringWorld): Served {
  const engine = world.engine();
  const gate = new QuotaGate({
    store: createQuotaStore({ kv: world.kv }),
    clock: world.clock,
    logger: world.logger,
    instanceId: () => engine.recorder.ring?.instanceId ?? null,
    open: async () => (await engine.recorder.open()).instanceId,
  });
  return { engine, gate };
}

/** Instances that hold leases. */
export async function holders(kv: KvLike): Promise<readonly string[]> {
  const found = new Set<string>();
  const prefix = quotaLeaseKey(LINE, "").slice(0, 1);
  for await (const { key } of kv.list({ prefix })) found.add(String(key[1]));
  return [...found];
}

/** One metered call, as a route makes it. */
export async function serve(
  { engine, gate }: Served,
  units: bigint,
  quota: bigint,
): Promise<bigint> {
  const verdict = await gate.reserve({ ...LINE, units, quota });
  if (!verdict.ok) return 0n;
  const { leasedBy } = verdict.value;
  const entry: Partial<UsageEntry> = { units, leasedBy };
  const outcome = await engine.recorder.record(call(units, { entry }));
  if (outcome.kind === "config_changed") verdict.value.void();
  else verdict.value.commit();
  return outcome.kind === "committed" ? units : 0n;
}
