import { type PlannedAct, writeWithinAuthority } from "@/lib/billing/act_alone.ts";
import {
  checkApproval,
  checkCorrection,
  type Correction,
  type CorrectionRefusal,
  needsSecondPerson,
  SECOND_APPROVAL_ABOVE,
} from "@/lib/domain/correction.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { MINUTE_MS, minuteOf } from "@/lib/domain/window.ts";
import type { BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { CorrectionStore, PeriodBar } from "@/lib/ports/correction_store.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { Sealer } from "./seal.ts";

export interface CorrectionDeps {
  readonly corrections: CorrectionStore;
  readonly sealer: Pick<Sealer, "seal" | "sealArrived">;
  readonly targets: BillingTargets;
  readonly clock: Clock;
  readonly ids: Ids;
}

type CorrectionResult = Result<Correction, CorrectionRefusal>;

/**
 * Notes a correction; applies it at once unless it is beyond what its author may do alone. Applied, it is
 * an outbox entry of its own, and the books count it as `adjusted`.
 */
export async function proposeCorrection(
  request:
    & Pick<
      Correction,
      "tenantId" | "meter" | "planRevision" | "periodId" | "units" | "reason" | "author"
    >
    & {
      /** Makes a repeated request one correction. */
      readonly correctionId?: string;
      /** Of units that Stripe has already; see `Correction`. */
      readonly atStripeMs?: number;
    },
  deps: CorrectionDeps,
): Promise<CorrectionResult> {
  const checked = checkCorrection(request);
  if (!checked.ok) return checked;
  const { tenantId, meter, planRevision, periodId, units, reason, author } = request;
  const correction: Correction = {
    correctionId: request.correctionId ?? deps.ids.next("cor"),
    tenantId,
    meter,
    planRevision,
    periodId,
    units,
    reason,
    author,
    createdAtMs: deps.clock.nowMs(),
    state: "pending",
    approver: null,
    decidedAtMs: null,
    entryId: null,
    ...request.atStripeMs === undefined ? {} : { atStripeMs: request.atStripeMs },
  };
  const target = await deps.targets.target(correction);
  if (target.kind === "unbillable") return refuse(notBillable(target.reason));
  const { bar, closeVersion } = await deps.corrections.standing(correction);
  if (bar !== null) return refuse(tooLate(bar));
  let noted = correction;
  const store = deps.corrections;
  const put = await writeWithinAuthority(
    { clock: deps.clock, store },
    unitsAct(correction),
    ({ waits, ...alone }) => {
      noted = { ...correction, needsSecond: waits };
      return store.put(noted, null, { closeVersion, ...alone });
    },
  );
  if (!put.ok) {
    const earlier = await store.find(tenantId, correction.correctionId);
    if (earlier === null || !isSame(earlier.value, correction)) return refuse(conflict());
    const { state } = earlier.value;
    const through = state === "applied" || state === "refused";
    if (through || needsSecondPerson(earlier.value)) return accept(earlier.value);
    // A repeated request; the one before was cut off and is finished now.
  } else if (needsSecondPerson(noted)) return accept(noted);
  return await approveCorrection({ ...correction, approver: author }, deps);
}

export function unitsAct({ author, meter, units }: Pick<Correction, "author" | "meter" | "units">) {
  const account = { author, kind: "units", of: meter } as const;
  return { account, amount: units, limit: SECOND_APPROVAL_ABOVE } satisfies PlannedAct;
}

/**
 * Applies a pending correction. Safe to repeat after a crash at any point: the correction's id marks
 * its entry, so that it is sealed once. One whose period has closed meanwhile is refused for good:
 * its units would be on no invoice.
 */
export async function approveCorrection(
  request: {
    readonly tenantId: string;
    readonly correctionId: string;
    readonly approver: string;
  },
  deps: CorrectionDeps,
): Promise<CorrectionResult> {
  const found = await deps.corrections.find(request.tenantId, request.correctionId);
  if (found === null) return refuse(notFound());
  const approval = checkApproval(found.value, request.approver);
  if (!approval.ok) return approval;
  const target = await deps.targets.target(found.value);
  if (target.kind === "unbillable") return refuse(notBillable(target.reason));
  if (found.value.state === "pending") {
    const { approver } = request;
    const approved = await decide(found, { state: "approved", approver, entryId: null }, deps);
    return approved.ok ? await approveCorrection(request, deps) : approved;
  }
  const { tenantId, meter, planRevision, periodId, correctionId, units, approver } = found.value;
  const { atStripeMs, author, reason } = found.value;
  const line = { tenantId, meter, planRevision, periodId };
  const { bar, sealed, tenantVersion, closeVersion } = await deps.corrections.standing(
    found.value,
  );
  if (bar === "period_closing" && !sealed) return refuse(tooLate(bar));
  if (bar !== null && !sealed) {
    const ended = await decide(found, { state: "refused", approver, entryId: null }, deps);
    return ended.ok ? refuse(tooLate(bar)) : ended;
  }
  const source = { kind: "correction", line, correctionId, tenantVersion, closeVersion } as const;
  const nowMs = deps.clock.nowMs();
  const terms = { target, line, units, desiredMs: atStripeMs ?? minuteOf(nowMs) - MINUTE_MS };
  const entry = atStripeMs === undefined
    ? await deps.sealer.seal(source, terms)
    : await deps.sealer.sealArrived(source, terms, { author, reason, atMs: nowMs });
  if (entry === null) return refuse(conflict());
  return await decide(found, { state: "applied", approver, entryId: entry.entryId }, deps);
}

export async function refuseCorrection(
  request: {
    readonly tenantId: string;
    readonly correctionId: string;
    readonly approver: string;
  },
  deps: CorrectionDeps,
): Promise<CorrectionResult> {
  const found = await deps.corrections.find(request.tenantId, request.correctionId);
  if (found === null) return refuse(notFound());
  if (found.value.state !== "pending") {
    const detail = `The correction is ${found.value.state}`;
    return refuse({ code: "already_decided", detail });
  }
  const { approver } = request;
  return await decide(found, { state: "refused", approver, entryId: null }, deps);
}

async function decide(
  { value, versionstamp }: Versioned<Correction>,
  decision: Pick<Correction, "state" | "approver" | "entryId">,
  { corrections, clock }: CorrectionDeps,
): Promise<CorrectionResult> {
  const decided: Correction = { ...value, ...decision, decidedAtMs: clock.nowMs() };
  const put = await corrections.put(decided, versionstamp);
  return put.ok ? accept(decided) : refuse(conflict());
}

function isSame(a: Correction, b: Correction): boolean {
  return a.meter === b.meter && a.planRevision === b.planRevision && a.periodId === b.periodId &&
    a.units === b.units && a.author === b.author && a.atStripeMs === b.atStripeMs;
}

function notFound(): CorrectionRefusal {
  return { code: "correction_not_found", detail: "There is no such correction" };
}

function notBillable(reason: string): CorrectionRefusal {
  return { code: "not_billable", detail: `The line can't be billed: ${reason}` };
}

function tooLate(code: PeriodBar): CorrectionRefusal {
  switch (code) {
    case "tenant_closed":
      return { code, detail: "The tenant is closed" };
    case "period_closed":
      return { code, detail: "The period's invoice is final; adjust money instead" };
    case "period_closing":
      return { code, detail: "The period is being closed right now; try again in a minute" };
  }
}

function conflict(): CorrectionRefusal {
  return { code: "conflict", detail: "The correction changed meanwhile; look at it again" };
}
