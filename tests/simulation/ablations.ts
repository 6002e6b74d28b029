import { MINUTE_MS } from "@/lib/domain/window.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import type { BillingProvider, MeterEvent, SendOutcome } from "@/lib/ports/billing_provider.ts";
import type { MeterEventRefusal } from "@/lib/ports/metering_control.ts";
import type { KvAtomic, KvMutation } from "../support/memory_store.ts";
import { RewritingKv } from "../support/rewriting_kv.ts";
import type { World } from "./world.ts";

/** One protection taken away, around the product's code and not in it. */
export interface Ablation {
  readonly name: string;
  readonly removes: string;
  readonly kv?: (kv: KvLike, world: World) => KvLike;
  readonly stripe?: (client: BillingProvider) => BillingProvider;
  /** How far the clock of whoever closes periods is ahead. */
  readonly officeAheadMs?: number;
  readonly refusal?: (report: MeterEventRefusal) => MeterEventRefusal;
}

export const ABLATIONS: readonly Ablation[] = [
  withoutChecks("slot_check", {
    removes: "the check that a segment's place is as its writer last saw it",
    kinds: ["log"],
  }),
  withoutChecks("cursor_check", {
    removes: "the check of the fold's cursor",
    kinds: ["ring_cursor"],
  }),
  withoutChecks("epoch_check", {
    removes: "the check of the configuration that a call was decided under",
    kinds: ["config_epoch"],
  }),
  withoutChecks("ring_check", {
    removes: "the check that a ring is still its writer's",
    kinds: ["ring"],
  }),
  withoutChecks("guard_check", {
    removes: "the check that an idempotency key or event id is unused",
    kinds: ["reply", "usage_event"],
  }),
  withoutChecks("seal_check", {
    removes: "the check that a minute's units are still those that were read",
    kinds: ["minute"],
  }),
  withoutChecks("minute_owner_check", {
    removes: "the check that no other entry owns the minute",
    kinds: ["minute_owner"],
  }),
  withoutChecks("entry_check", {
    removes: "the check of the entry when an attempt begins or is marked",
    kinds: ["outbox", "outbox_done"],
  }),
  withoutChecks("quota_check", {
    removes: "the checks of a quota's pool and leases",
    kinds: ["quota", "quota_lease"],
  }),
  withoutChecks("correction_check", {
    removes: "the check that a correction is not in the outbox yet",
    kinds: ["correction_sealed"],
  }),
  {
    name: "close_fence",
    removes: "refusing a correction of a period that is being closed or is closed",
    kv: (kv) =>
      new RewritingKv(kv, {
        atomic: uncheckedAtomic(["period_close"]),
        entry: (entry) =>
          entry.key[0] === "period_close" && isRecord(entry.value)
            ? { ...entry, value: { ...entry.value, ...OPEN_PERIOD } } as typeof entry
            : entry,
      }),
  },
  withEntries("append_read_back", {
    removes: "knowing one's own segment again after a commit of unknown outcome",
    kind: "log",
    rewrite: (value) => ({ ...value, mark: -1 }),
  }),
  withWrites("write_ahead", {
    removes: "writing firstAttemptAtMs before the first attempt",
    kind: "outbox",
    rewrite: (value) => ({ ...value, firstAttemptAtMs: null }),
  }),
  withWrites("reply_life", {
    removes: "the 24 hours for which a reply is kept",
    kind: "reply",
    rewrite: (value) => ({ ...value, expiresAtMs: 0 }),
  }),
  withEntries("resend_limit", {
    removes: "the rule that an attempt older than 23 hours is not repeated blindly",
    kind: "outbox",
    rewrite: (value, nowMs) =>
      value["firstAttemptAtMs"] === null ? value : {
        ...value,
        firstAttemptAtMs: nowMs,
      },
  }),
  withOutcomes("already_exists", {
    removes: "taking a known identifier for delivered",
    rewrite: (outcome) => outcome.kind === "already_exists" ? UNKNOWN : outcome,
  }),
  withOutcomes("lost_reply_is_failure", {
    removes: "treating a lost reply as unknown: the entry is taken for refused",
    rewrite: (outcome) => outcome.kind === "unknown" ? REFUSED : outcome,
  }),
  withOutcomes("lost_reply_is_success", {
    removes: "treating a lost reply as unknown: the entry is taken for delivered",
    rewrite: (outcome) => outcome.kind === "unknown" ? { kind: "delivered" } : outcome,
  }),
  withEvents("idempotency_key_rotation", {
    removes: "a new Idempotency-Key for each attempt",
    rewrite: (event) => ({ ...event, attempt: 1 }),
  }),
  withEvents("stable_identifier", {
    removes: "keeping the identifier over all attempts",
    rewrite: (event) => ({ ...event, identifier: `${event.identifier}.${event.attempt}` }),
  }),
  {
    name: "summary_of_the_minute",
    removes: "looking at Stripe's summary before a doubtful entry is sent again",
    stripe: (client) => ({
      ...client,
      // Only of one minute: reconciliation is another matter.
      summaries: (query) =>
        query.endMs - query.startMs === MINUTE_MS ? Promise.resolve([]) : client.summaries(query),
    }),
  },
  {
    name: "held_draft",
    removes: "holding a draft until the books agree",
    stripe: (client) => ({ ...client, holdInvoice: (id) => client.finalizeInvoice(id) }),
  },
  {
    name: "late_events",
    removes: "the 70 minutes between a period's end and its final invoice",
    officeAheadMs: 75 * MINUTE_MS,
  },
  {
    name: "plan_move",
    removes: "the note that Stripe has to follow a move to another plan version",
    kv: (kv) =>
      new RewritingKv(kv, {
        atomic: ({ checks, mutations }) => ({
          checks,
          mutations: mutations.filter(({ key }) => key[0] !== "plan_move"),
        }),
      }),
  },
  {
    name: "made_up",
    removes: "making up for usage that could not reach its own price",
    stripe: (client) => ({
      ...client,
      ensureInvoiceItem: ({ key }) => Promise.resolve({ invoiceItemId: key }),
    }),
  },
  {
    name: "refusal_time",
    removes: "knowing which attempts a late refusal means",
    refusal: ({ refusedBeforeMs: _, ...refusal }) => refusal,
  },
];

const OPEN_PERIOD = { state: "waiting", closingSinceMs: null, finalAskedAtMs: null };
const UNKNOWN: SendOutcome = { kind: "unknown", detail: "ablated" };
const REFUSED: SendOutcome = { kind: "refused", code: "ablated", detail: "" };

type Named = { readonly removes: string };

function withoutChecks(
  name: string,
  { removes, kinds }: Named & { readonly kinds: readonly string[] },
): Ablation {
  const rewrites = { atomic: uncheckedAtomic(kinds) };
  return { name, removes, kv: (kv) => new RewritingKv(kv, rewrites) };
}

function uncheckedAtomic(kinds: readonly string[]) {
  return ({ checks, mutations }: KvAtomic) => ({
    checks: checks.filter(({ key }) => !kinds.includes(String(key[0]))),
    mutations,
  });
}

/** Values of one kind of key are read otherwise than they are stored. */
function withEntries(
  name: string,
  { removes, kind, rewrite }: Named & {
    readonly kind: string;
    readonly rewrite: (value: Record<string, unknown>, nowMs: number) => Record<string, unknown>;
  },
): Ablation {
  const entryAt = (nowMs: () => number) => (entry: Deno.KvEntryMaybe<unknown>) => {
    const { key, value } = entry;
    if (key[0] !== kind || !isRecord(value) || entry.versionstamp === null) return entry;
    return { ...entry, value: rewrite(value, nowMs()) };
  };
  return {
    name,
    removes,
    kv: (kv, { scheduler }) => new RewritingKv(kv, { entry: entryAt(() => scheduler.nowMs) }),
  };
}

/** Values of one kind of key are written otherwise than they were meant. */
function withWrites(
  name: string,
  { removes, kind, rewrite }: Named & {
    readonly kind: string;
    readonly rewrite: (value: Record<string, unknown>) => Record<string, unknown>;
  },
): Ablation {
  const change = (mutation: KvMutation): KvMutation =>
    mutation.type === "set" && mutation.key[0] === kind && isRecord(mutation.value)
      ? { ...mutation, value: rewrite(mutation.value) }
      : mutation;
  const atomic = ({ checks, mutations }: KvAtomic) => ({
    checks,
    mutations: mutations.map(change),
  });
  return { name, removes, kv: (kv) => new RewritingKv(kv, { atomic }) };
}

function withOutcomes(
  name: string,
  { removes, rewrite }: Named & { readonly rewrite: (outcome: SendOutcome) => SendOutcome },
): Ablation {
  return {
    name,
    removes,
    stripe: (client) => ({
      ...client,
      sendMeterEvent: async (event) => rewrite(await client.sendMeterEvent(event)),
    }),
  };
}

function withEvents(
  name: string,
  { removes, rewrite }: Named & { readonly rewrite: (event: MeterEvent) => MeterEvent },
): Ablation {
  return {
    name,
    removes,
    stripe: (client) => ({
      ...client,
      sendMeterEvent: (event) => client.sendMeterEvent(rewrite(event)),
    }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
