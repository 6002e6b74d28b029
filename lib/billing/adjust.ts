import { isCurrency } from "@/lib/domain/currency.ts";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Adjustment, Credit } from "@/lib/ports/billing_store.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { parsePeriodId } from "./period_bill.ts";
import { BY_BILLING } from "./update_tenant.ts";

type AdjustDeps = Pick<BillingDeps, "clock" | "ids" | "tenants" | "plans" | "provider" | "store">;

const MAX_NOTE = 500;
/** A typing error of a few zeros should not get through: ten million in a two-decimal currency. */
const MAX_ADJUSTMENT_MINOR = 1_000_000_000n;
const DEFAULT_PRIORITY = 50;

export interface AdjustmentInput {
  readonly tenantId: string;
  /** The open period when absent. */
  readonly periodId?: string;
  /** Whole minor units; negative forgives. */
  readonly amountMinor: bigint;
  readonly note: string;
  readonly createdBy: string;
  /** Makes a repeated request one adjustment. */
  readonly adjustmentId?: string;
  readonly act?: Act;
}

/**
 * Adds or forgives money in a period that is not closed yet; it becomes a line of the statement and
 * of Stripe's invoice at the close. Errors: `not_found`, `invalid_amount`, `invalid_note`,
 * `period_not_found`, `period_closed`.
 */
export async function adjustMoney(
  deps: AdjustDeps,
  input: AdjustmentInput,
): Promise<Result<Adjustment>> {
  const known = await tenantWithPlan(deps, input.tenantId);
  if (!known.ok) return known;
  const fault = adjustmentFault(input);
  if (fault !== null) return refuse(fault);
  const { currency, interval } = known.value;
  const current = periodAt(deps.clock.nowMs(), interval);
  const period = input.periodId === undefined ? current : parsePeriodId(input.periodId, interval);
  if (period === null || period.startMs > current.startMs) {
    return refuse({ code: "period_not_found", detail: `No billing period ${input.periodId}` });
  }
  const { periodId } = period;
  const adjustmentId = input.adjustmentId ?? deps.ids.next("adj");
  if (input.periodId === undefined) {
    // Repeated after its period has ended, it is the same adjustment still.
    const before = shiftPeriod(current, -1, interval);
    const earlier = await adjustmentOf(deps, { ...input, periodId: before.periodId, adjustmentId });
    if (earlier !== undefined) return accept(earlier);
  }
  const close = await deps.store.periodClose(input.tenantId, periodId);
  if (close?.value.state === "finalized") {
    const detail = `Period ${periodId} is invoiced; adjust the open period instead`;
    return refuse({ code: "period_closed", detail });
  }
  const adjustment: Adjustment = {
    adjustmentId,
    tenantId: input.tenantId,
    periodId,
    amountMinor: input.amountMinor,
    currency,
    note: input.note.trim(),
    createdBy: input.createdBy,
    createdAtMs: deps.clock.nowMs(),
  };
  const written = await deps.store.putAdjustment(
    adjustment,
    auditDraft(input.act ?? BY_BILLING, {
      chain: input.tenantId,
      atMs: adjustment.createdAtMs,
      action: "adjustment.created",
      subject: adjustment.adjustmentId,
      after: adjustment,
    }),
  );
  if (written.ok) return accept(adjustment);
  const same = await adjustmentOf(deps, adjustment);
  return same === undefined
    ? refuse({ code: "conflict", detail: "Another adjustment has this id" })
    : accept(same);
}

async function adjustmentOf(
  { store }: AdjustDeps,
  { tenantId, periodId, adjustmentId }: Pick<Adjustment, "tenantId" | "periodId" | "adjustmentId">,
): Promise<Adjustment | undefined> {
  const all = await store.adjustments(tenantId, periodId);
  return all.find((adjustment) => adjustment.adjustmentId === adjustmentId);
}

export interface CreditInput {
  readonly tenantId: string;
  readonly name: string;
  readonly category: "paid" | "promotional";
  /** Whole minor units of the plan's currency, positive. */
  readonly amountMinor: bigint;
  readonly expiresAtMs: number | null;
  readonly priority?: number;
  /** Makes a repeated request one credit. */
  readonly creditId?: string;
  readonly act?: Act;
}

/**
 * Grants prepaid or promotional money that later usage draws from, here and at Stripe. Our row comes
 * first, so a repeated call completes one that was cut off. Errors: `not_found`, `invalid_amount`,
 * `invalid_expiry`, `conflict`.
 */
export async function grantCredit(deps: AdjustDeps, input: CreditInput): Promise<Result<Credit>> {
  const known = await tenantWithPlan(deps, input.tenantId);
  if (!known.ok) return known;
  if (input.amountMinor <= 0n || input.amountMinor > MAX_ADJUSTMENT_MINOR) {
    return refuse({ code: "invalid_amount", detail: "A credit is a positive amount" });
  }
  if (input.expiresAtMs !== null && input.expiresAtMs <= deps.clock.nowMs()) {
    return refuse({ code: "invalid_expiry", detail: "A credit expires in the future or never" });
  }
  const creditId = input.creditId ?? deps.ids.next("crd");
  const { tenant, currency } = known.value;
  const earlier = (await deps.store.credits(tenant.tenantId))
    .find(({ value }) => value.creditId === creditId);
  const credit: Credit = earlier?.value ?? {
    creditId,
    tenantId: tenant.tenantId,
    name: input.name,
    category: input.category,
    currency,
    amountMinor: input.amountMinor,
    priority: input.priority ?? DEFAULT_PRIORITY,
    expiresAtMs: input.expiresAtMs,
    createdAtMs: deps.clock.nowMs(),
    creditGrantId: null,
    draws: [],
  };
  if (earlier === undefined) {
    const written = await deps.store.putCredit(
      credit,
      null,
      auditDraft(input.act ?? BY_BILLING, {
        chain: tenant.tenantId,
        atMs: credit.createdAtMs,
        action: "credit.granted",
        subject: creditId,
        after: credit,
      }),
    );
    if (!written.ok) return refuse({ code: "conflict", detail: `Credit ${creditId} exists` });
  }
  return accept(await mirrorCredit(deps, tenant, credit));
}

/** Gives Stripe the credit too, once the tenant is a customer there. */
async function mirrorCredit(deps: AdjustDeps, tenant: Tenant, credit: Credit): Promise<Credit> {
  const { stripeCustomerId } = tenant;
  if (credit.creditGrantId !== null || stripeCustomerId === null) return credit;
  const { creditId, name, category, currency, amountMinor, expiresAtMs } = credit;
  const { creditGrantId } = await deps.provider.ensureCredit({
    key: creditId,
    stripeCustomerId,
    name,
    category,
    currency,
    amountMinor,
    expiresAtMs,
  });
  const stored = (await deps.store.credits(tenant.tenantId))
    .find(({ value }) => value.creditId === creditId);
  if (stored === undefined) return credit;
  const mirrored = { ...stored.value, creditGrantId };
  const written = await deps.store.putCredit(mirrored, stored.versionstamp);
  return written.ok ? mirrored : credit;
}

async function tenantWithPlan(deps: AdjustDeps, tenantId: string) {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
  const plan = (await deps.plans.plan(tenant.planRevision))?.value;
  if (plan === undefined || !isCurrency(plan.currency)) {
    return refuse({ code: "not_found", detail: `No plan ${tenant.planRevision}` });
  }
  return accept({ tenant, currency: plan.currency, interval: plan.interval });
}

function adjustmentFault({ amountMinor, note }: AdjustmentInput) {
  const size = amountMinor < 0n ? -amountMinor : amountMinor;
  if (size === 0n || size > MAX_ADJUSTMENT_MINOR) {
    return { code: "invalid_amount", detail: "An adjustment is not zero and below ten million" };
  }
  const length = note.trim().length;
  if (length === 0 || length > MAX_NOTE) {
    return { code: "invalid_note", detail: `Say why, in at most ${MAX_NOTE} characters` };
  }
  return null;
}
