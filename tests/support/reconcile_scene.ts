import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { openKv } from "@/lib/kv/open_kv.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import { billingWorld, use } from "./billing_world.ts";
import { PATIENT_KV } from "./patient_kv.ts";
import { sampleTenant } from "./samples.ts";
import { seededIds } from "./seeded_ids.ts";

/** Tenants with usage at Stripe; runs, reports and the audit log are in a database file. */
export async function reconcileScene(path: string, count: number) {
  const names = Array.from({ length: count }, (_, at) => `ten_${at}`);
  const world = await billingWorld(
    ...names.map((tenantId) => sampleTenant({ tenantId, createdAtMs: Date.UTC(2026, 3, 1) })),
  );
  for (const tenantId of names) {
    await world.provision(tenantId);
    world.usage.use(use(100n, { tenantId }));
    await world.usage.flush({ tenantId, periodId: "2026-05-01" });
  }
  const kv = await openKv({ url: path }, {
    scheduler: systemScheduler,
    ids: seededIds(),
    ...PATIENT_KV,
  });
  const deps = { ...world.deps, store: createKvBillingStore(kv), audit: createKvAuditLog(kv) };
  return { world, kv, deps, names };
}
