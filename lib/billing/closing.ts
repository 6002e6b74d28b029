import type { AdjustmentRefusal } from "@/lib/domain/adjustment.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { isClosing, type PeriodClose } from "@/lib/ports/money_ledger.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { BillingDeps } from "./deps.ts";

/** An attempt of which nothing was heard for so long is taken for dead. */
const ATTEMPT_LIFE_MS = 5 * 60_000;

type ClosingDeps = Pick<BillingDeps, "clock" | "store">;
type PeriodName = Pick<PeriodClose, "tenantId" | "periodId">;

/**
 * Says that an attempt to close begins. It must come before the bill is read: money is written only
 * against a close that is not under way, so what joins the period is either on the bill or refused.
 * `null`: another attempt is under way, the period is closed, or its row is not `version` any more.
 */
export async function beginClose(
  { clock, store }: ClosingDeps,
  { tenantId, periodId, version }: PeriodName & { readonly version?: string },
): Promise<Versioned<PeriodClose> | null> {
  const found = await store.periodClose(tenantId, periodId);
  if (version !== undefined && found?.versionstamp !== version) return null;
  const nowMs = clock.nowMs();
  if (found !== null && !mayBegin(found.value, nowMs)) return null;
  const fresh = { tenantId, periodId, state: "waiting", invoiceId: null, reasons: [] } as const;
  const begun: PeriodClose = {
    ...found?.value ?? fresh,
    attempts: (found?.value.attempts ?? 0) + 1,
    updatedAtMs: nowMs,
    closingSinceMs: nowMs,
  };
  const written = await store.putPeriodClose(begun, found?.versionstamp ?? null);
  if (!written.ok) return null;
  const mine = await store.periodClose(tenantId, periodId);
  return mine?.value.attempts === begun.attempts ? mine : null;
}

function mayBegin({ state, closingSinceMs }: PeriodClose, nowMs: number): boolean {
  if (state === "finalized") return false;
  return closingSinceMs === null || nowMs - closingSinceMs >= ATTEMPT_LIFE_MS;
}

/**
 * Notes that Stripe will be asked to make the invoice final: should the answer be lost, it may be
 * final all the same. `null`: this attempt was taken for dead meanwhile and must not ask.
 */
export async function askFinal(
  { clock, store }: ClosingDeps,
  { value, versionstamp }: Versioned<PeriodClose>,
): Promise<Versioned<PeriodClose> | null> {
  const asked = { ...value, finalAskedAtMs: clock.nowMs() };
  const written = await store.putPeriodClose(asked, versionstamp);
  if (!written.ok) return null;
  const mine = await store.periodClose(value.tenantId, value.periodId);
  return mine?.value.attempts === value.attempts ? mine : null;
}

/**
 * The row after an attempt. How long it is held, and how often it ended alike, is what alarms and the
 * times of further tries rest on.
 */
export function endedAs(
  before: PeriodClose,
  outcome: Pick<PeriodClose, "state" | "invoiceId" | "reasons" | "finalAskedAtMs">,
  nowMs: number,
): PeriodClose {
  const alike = before.attempts > 1 && before.state === outcome.state &&
    codesOf(before) === codesOf(outcome);
  const heldSinceMs = before.state === "held" ? before.heldSinceMs ?? nowMs : nowMs;
  return {
    ...before,
    ...outcome,
    updatedAtMs: nowMs,
    closingSinceMs: null,
    heldSinceMs: outcome.state === "held" ? heldSinceMs : null,
    triesAlike: alike ? (before.triesAlike ?? 0) + 1 : 0,
  };
}

/** What they say in detail moves with every unit; what kind of trouble it is does not. */
function codesOf({ reasons }: Pick<PeriodClose, "reasons">): string {
  return [...new Set(reasons.map(({ code }) => code))].sort().join(" ");
}

/** The version to write money against. Errors: `period_closed`, `period_closing`. */
export async function checkPeriodOpen(
  { store }: Pick<BillingDeps, "store">,
  { tenantId, periodId }: PeriodName,
): Promise<Result<{ readonly closeVersion: string | null }, AdjustmentRefusal>> {
  const close = await store.periodClose(tenantId, periodId);
  if (close?.value.state === "finalized") {
    const detail = `Period ${periodId} is invoiced; adjust the open period instead`;
    return refuse({ code: "period_closed", detail });
  }
  if (close !== null && isClosing(close.value)) {
    const detail = `Period ${periodId} is being closed right now; try again in a minute`;
    return refuse({ code: "period_closing", detail });
  }
  return accept({ closeVersion: close?.versionstamp ?? null });
}
