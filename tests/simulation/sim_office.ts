import { changePlan } from "@/lib/billing/change_plan.ts";
import { closeDuePeriods } from "@/lib/billing/close_period.ts";
import { closeTenant } from "@/lib/billing/close_tenant.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { followMoves } from "@/lib/billing/follow_move.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { Units } from "@/lib/domain/plan.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { confirm } from "@/lib/metering/confirm.ts";
import {
  approveCorrection,
  type CorrectionDeps,
  proposeCorrection,
} from "@/lib/metering/corrections.ts";
import { retryHeld, writeOff } from "@/lib/metering/outbox_actions.ts";
import { METER, nextRevision } from "../support/metered_tenants.ts";
import type { MeteredService, MeteredServiceParts } from "../support/metered_service.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";

const DAY_MS = 86_400_000;
const OPERATOR = { author: "operator", reason: "looked at" } as const;

/** What operators and the recurring chores of billing do, through one instance. */
export class SimOffice {
  readonly #billing: BillingDeps;
  readonly #corrections: CorrectionDeps;
  readonly #service: MeteredService;

  constructor(
    service: MeteredService,
    { kv, clock, ids, logger, ringSize, provider }: MeteredServiceParts & {
      readonly provider: BillingProvider;
    },
  ) {
    this.#service = service;
    const { sealer } = service.engine;
    const { targets } = service.actions;
    const log = createUsageLog({ kv, ringSize });
    this.#corrections = {
      corrections: createCorrectionStore({ kv }),
      sealer,
      targets,
      clock,
      ids,
    };
    this.#billing = {
      clock,
      ids,
      logger,
      tenants: createKvTenantStore(kv),
      plans: createKvPlanStore(kv),
      usage: createUsageStore({ kv, log, clock }),
      metering: service.engine,
      provider,
      store: createKvBillingStore(kv),
    };
  }

  /** Counts `units` more, or less, in a tenant's present period, or another. */
  async correct(tenantId: string, units: Units, period?: string): Promise<void> {
    const { clock, tenants } = this.#billing;
    const tenant = (await tenants.tenant(tenantId))?.value;
    if (tenant === undefined || tenant.status === "closed") return;
    const { planRevision } = tenant;
    const periodId = period ?? periodAt(clock.nowMs(), "month").periodId;
    const line = { tenantId, meter: METER, planRevision, periodId };
    await proposeCorrection({ ...line, ...OPERATOR, units }, this.#corrections);
  }

  /** Finishes what died half-way. */
  async approve(tenantId: string, correctionId: string): Promise<void> {
    await approveCorrection({ tenantId, correctionId, approver: "operator" }, this.#corrections);
  }

  /** Somebody has looked at a held entry and sends it again. */
  async retry(entryId: string): Promise<void> {
    await retryHeld({ entryId, ...OPERATOR }, this.#service.actions);
  }

  /** Somebody gives up the units of an entry that Stripe has refused for good. */
  async writeOff(entryId: string): Promise<void> {
    await writeOff({ entryId, ...OPERATOR }, this.#service.actions);
  }

  /** Marks what Stripe's summaries show; returns how many hours differ from ours. */
  async confirm(): Promise<number> {
    const { clock, provider } = this.#billing;
    const endMs = clock.nowMs();
    const { outbox } = this.#service.actions;
    const range = { startMs: Math.max(0, endMs - 5 * DAY_MS), endMs };
    return (await confirm(range, { clock, provider, outbox })).differences.length;
  }

  async closePeriods(): Promise<void> {
    await closeDuePeriods(this.#billing);
  }

  /** Moves a tenant to the next plan version; `true`: done, or nobody's to do any more. */
  async changePlan(tenantId: string, from: string): Promise<boolean> {
    const to = { planRevision: nextRevision(from), from };
    const moved = await changePlan(this.#billing, { tenantId, ...to });
    return moved.ok || moved.error.code !== "units_outstanding";
  }

  async planOf(tenantId: string): Promise<string> {
    return (await this.#billing.tenants.tenant(tenantId))?.value.planRevision ?? "";
  }

  /** Has Stripe follow what it has yet to follow. */
  async followMoves(): Promise<void> {
    await followMoves(this.#billing);
  }

  /** Makes Stripe's customer and subscription of a tenant that had none. */
  async provision(tenantId: string): Promise<boolean> {
    const linked = await provisionTenant(this.#billing, { tenantId, email: null });
    return linked.ok || linked.error.code === "tenant_closed";
  }

  /** `true`: its subscription has ended and everything is invoiced. */
  async closeTenant(tenantId: string): Promise<boolean> {
    return (await closeTenant(this.#billing, { tenantId })).ok;
  }
}
