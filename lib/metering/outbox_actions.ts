import {
  checkDecision,
  doubt,
  moveEntry,
  type OutboxDecision,
  type OutboxEntry,
  type OutboxRefusal,
  RESTORED,
  RESTORED_UNCLEAR,
} from "@/lib/domain/outbox.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { OutboxStore } from "@/lib/ports/outbox_store.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { Sealer } from "./seal.ts";

export interface OutboxActionDeps {
  readonly outbox: OutboxStore;
  readonly sealer: Pick<Sealer, "seal">;
  readonly targets: BillingTargets;
  readonly clock: Clock;
}

export interface OutboxActionRequest {
  readonly entryId: string;
  readonly author: string;
  readonly reason: string;
  /** The version that was looked at; another one is a `conflict`. The present one when absent. */
  readonly version?: string;
}

export type OutboxActionRefusal =
  | OutboxRefusal
  | (Refusal & { readonly code: "not_billable" });
export type OutboxActionResult = Result<OutboxEntry, OutboxActionRefusal>;

/**
 * Sends a held entry again. An identifier that Stripe has used up is replaced by a new one; one of
 * which an attempt may have arrived is first looked up in Stripe's summary, and one that was restored
 * from a copy as it was before: it is sent once Stripe has nothing in its period that the ledger does
 * not know, or when somebody settles the doubt by hand.
 */
export async function retryHeld(
  request: OutboxActionRequest,
  deps: OutboxActionDeps,
): Promise<OutboxActionResult> {
  const found = await findFor(request, deps, ["held"]);
  if (!found.ok) return found;
  const { entry, decision } = found.value;
  const { value } = entry;
  if (value.burnt) return await reissue(entry, decision, deps);
  const nowMs = deps.clock.nowMs();
  const asked = value.reason === RESTORED_UNCLEAR ? RESTORED : "retry_of_held";
  const next = value.attempts > 1 || value.reason === "summary_differs" || asked === RESTORED
    ? { ...doubt(value, asked), decision }
    : moveEntry(value, {
      state: "ready",
      reason: null,
      firstAttemptAtMs: null,
      nextAttemptAtMs: nowMs,
      decision,
    });
  return await moved(entry, next, deps);
}

/** Gives the units up: they are never sent. The books show them, with author and reason. */
export async function writeOff(
  request: OutboxActionRequest,
  deps: OutboxActionDeps,
): Promise<OutboxActionResult> {
  const found = await findFor(request, deps, ["held", "doubtful"]);
  if (!found.ok) return found;
  const { entry, decision } = found.value;
  return await moved(entry, moveEntry(entry.value, { state: "written_off", decision }), deps);
}

/** A person knows what Stripe's summary could not say. */
export async function resolveDoubt(
  request: OutboxActionRequest & { readonly delivered: boolean },
  deps: OutboxActionDeps,
): Promise<OutboxActionResult> {
  const found = await findFor(request, deps, ["doubtful"]);
  if (!found.ok) return found;
  const { entry, decision } = found.value;
  const next = request.delivered
    ? moveEntry(entry.value, { state: "sent", reason: null, decision })
    : moveEntry(entry.value, {
      state: "ready",
      reason: null,
      firstAttemptAtMs: null,
      nextAttemptAtMs: deps.clock.nowMs(),
      decision,
    });
  return await moved(entry, next, deps);
}

async function reissue(
  entry: Versioned<OutboxEntry>,
  decision: OutboxDecision,
  deps: OutboxActionDeps,
): Promise<OutboxActionResult> {
  const { value } = entry;
  const target = await deps.targets.target(value);
  if (target.kind === "unbillable") {
    return refuse({ code: "not_billable", detail: `The line can't be billed: ${target.reason}` });
  }
  const source = { kind: "reissue", entry: { ...entry, value: { ...value, decision } } } as const;
  const sealed = await deps.sealer.seal(source, {
    target,
    line: value,
    units: value.units,
    desiredMs: value.timestampMs,
  });
  return sealed === null ? refuse(conflict()) : accept(sealed);
}

async function findFor(
  { entryId, author, reason, version }: OutboxActionRequest,
  { outbox, clock }: OutboxActionDeps,
  states: readonly OutboxEntry["state"][],
): Promise<
  Result<
    { readonly entry: Versioned<OutboxEntry>; readonly decision: OutboxDecision },
    OutboxActionRefusal
  >
> {
  const decision = checkDecision({ author, reason, atMs: clock.nowMs() });
  if (!decision.ok) return decision;
  const entry = await outbox.find(entryId);
  if (entry === null) {
    return refuse({ code: "entry_not_found", detail: "There is no such outbox entry" });
  }
  if (version !== undefined && version !== entry.versionstamp) return refuse(conflict());
  if (states.includes(entry.value.state)) return accept({ entry, decision: decision.value });
  const detail = `The entry is ${entry.value.state}; this needs ${states.join(" or ")}`;
  return refuse({ code: "wrong_state", detail });
}

async function moved(
  entry: Versioned<OutboxEntry>,
  next: OutboxEntry,
  { outbox }: OutboxActionDeps,
): Promise<OutboxActionResult> {
  const done = await outbox.move(entry, next);
  return done === null ? refuse(conflict()) : accept(done.value);
}

function conflict(): OutboxRefusal {
  return { code: "conflict", detail: "The entry changed meanwhile; look at it again" };
}
