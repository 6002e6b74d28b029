import type { MoneyFormKind } from "@/components/operator/money/money_model.ts";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { approveAdjustment, refuseAdjustment } from "@/lib/billing/decide_adjustment.ts";
import { approveCredit, refuseCredit } from "@/lib/billing/decide_credit.ts";
import { grantCredit, type Granting } from "@/lib/billing/grant_credit.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { correctUnits, decideCorrection } from "@/lib/metering/correct_units.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Services } from "@/lib/services.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import type { FlashCode } from "./flashes.ts";
import type { Wanted } from "./load_tenant_money.ts";

type ActDeps = Pick<Services, "billing" | "corrections" | "plans" | "audit" | "logger">;

/** Ids that the page itself made; nothing else may name a new thing. */
const IDS: Readonly<Record<MoneyFormKind, RegExp>> = {
  credit: /^crd_\w{10,60}$/,
  adjustment: /^adj_\w{10,60}$/,
  correction: /^cor_\w{10,60}$/,
};

/**
 * Does what was confirmed, under the id that the confirmation carries: sent twice, it is one act.
 * The word says what became of it. Errors: `bad_request` for an id that is none of ours, and those of
 * the act; `unavailable` when Stripe does not answer.
 */
export async function actOnMoney(
  deps: ActDeps,
  { tenantId, id, wanted, act }: {
    readonly tenantId: string;
    readonly id: string;
    readonly wanted: Wanted;
    readonly act: Act;
  },
): Promise<Result<FlashCode>> {
  if (!IDS[wanted.kind].test(id)) {
    return refuse({ code: "bad_request", detail: "This form was not made here" });
  }
  switch (wanted.kind) {
    case "credit": {
      const input = { ...wanted.credit, tenantId, creditId: id, act };
      return await mayBeAway(deps, () => grantCredit(deps.billing, input), creditWord);
    }
    case "adjustment": {
      const input = { ...wanted.adjustment, tenantId, adjustmentId: id, act };
      const createdBy = act.actor.id;
      const adjusted = await adjustMoney(deps.billing, { ...input, createdBy });
      if (!adjusted.ok) return adjusted;
      return accept(adjusted.value.state === "pending" ? "adjustment_waiting" : "adjustment_added");
    }
    case "correction": {
      const input = { ...wanted.correction, tenantId, correctionId: id, act };
      const corrected = await correctUnits(input, correctionDeps(deps));
      if (!corrected.ok) return corrected;
      const { state } = corrected.value;
      return accept(state === "pending" ? "correction_waiting" : "correction_applied");
    }
  }
}

/**
 * Decides what waits for a second person. Errors: those of the decision; `unavailable` when Stripe
 * does not answer: an approved credit is granted all the same, and is given to Stripe later.
 */
export async function decideMoney(
  deps: ActDeps,
  { tenantId, kind, id, decision, act }: {
    readonly tenantId: string;
    readonly kind: MoneyFormKind;
    readonly id: string;
    readonly decision: "approve" | "refuse";
    readonly act: Act;
  },
): Promise<Result<FlashCode>> {
  if (kind === "correction") {
    const wanted = { tenantId, correctionId: id, decision, act };
    const decided = await decideCorrection(wanted, correctionDeps(deps));
    if (!decided.ok) return decided;
    return accept(decision === "approve" ? "correction_applied" : "correction_refused");
  }
  if (kind === "credit") {
    const request = { tenantId, creditId: id, approver: act.actor.id, act };
    return decision === "approve"
      ? await mayBeAway(deps, () => approveCredit(deps.billing, request), () => "credit_granted")
      : await mayBeAway(deps, () => refuseCredit(deps.billing, request), () => "credit_refused");
  }
  const request = { tenantId, adjustmentId: id, approver: act.actor.id, act };
  const decided = decision === "approve"
    ? await approveAdjustment(deps.billing, request)
    : await refuseAdjustment(deps.billing, request);
  if (!decided.ok) return decided;
  return accept(decision === "approve" ? "adjustment_added" : "adjustment_refused");
}

/** Gives Stripe a credit that it lacks since it did not answer. Errors: as for granting. */
export async function mirrorCredit(
  deps: ActDeps,
  { tenantId, creditId, act }: {
    readonly tenantId: string;
    readonly creditId: string;
    readonly act: Act;
  },
): Promise<Result<FlashCode>> {
  const credits = await deps.billing.store.credits(tenantId);
  const credit = credits.find(({ value }) => value.creditId === creditId)?.value;
  if (credit === undefined) return refuse({ code: "not_found", detail: `No credit ${creditId}` });
  return await mayBeAway(
    deps,
    () => grantCredit(deps.billing, { ...credit, act }),
    creditWord,
  );
}

function creditWord({ state }: Granting): FlashCode {
  switch (state) {
    case "granted":
      return "credit_granted";
    case "pending":
      return "credit_waiting";
    case "refused":
      return "credit_refused";
  }
}

function correctionDeps({ corrections, plans, audit }: ActDeps) {
  return { ...corrections, plans, audit };
}

async function mayBeAway<T>(
  { logger }: ActDeps,
  act: () => Promise<Result<T>>,
  word: (value: T) => FlashCode,
): Promise<Result<FlashCode, Refusal>> {
  try {
    const done = await act();
    return done.ok ? accept(word(done.value)) : done;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    logger.warn("provider_refused", { error });
    return refuse({ code: "unavailable", detail: `Stripe says: ${error.message}` });
  }
}
