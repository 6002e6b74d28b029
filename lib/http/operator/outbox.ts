import { z } from "zod";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { decideEntry, type EntryDecision } from "@/lib/metering/decide_entry.ts";
import { NOTHING, operation, type OperatorAnswer, type OperatorCall } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { toJson } from "./to_json.ts";

const STATES = [
  "ready",
  "in_flight",
  "sent",
  "confirmed",
  "rejected",
  "held",
  "doubtful",
  "written_off",
] as const satisfies readonly OutboxEntry["state"][];

const Reason = z.string().trim().min(1).max(500);
const ReasonSchema = z.strictObject({ reason: Reason });
const PROBLEMS = ["entry_not_found", "wrong_state", "reason_missing", "conflict"];

export const listOutbox = operation({
  id: "listOutbox",
  method: "GET",
  path: "/operator/v1/outbox",
  tag: "Outbox",
  summary: "List outbox entries, by state and tenant",
  description:
    "Without `state`: those that still need something done. A page may hold fewer than " +
    "`limit`; go on while there is a cursor.",
  input: z.strictObject({
    ...PAGE_QUERY,
    state: z.enum(STATES).optional(),
    tenant_id: z.string().max(100).optional(),
  }),
  answer: { status: 200, description: "One page" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { services, input: { state, tenant_id: tenantId } } = call;
    const { entries, cursor } = await services.usage.outbox({
      ...wanted.value,
      ...(state === undefined ? {} : { state }),
      ...(tenantId === undefined ? {} : { tenantId }),
    });
    return accept({ body: { items: toJson(entries), next_cursor: sealCursor(call, cursor) } });
  },
});

export const readEntry = operation({
  id: "getOutboxEntry",
  method: "GET",
  path: "/operator/v1/outbox/{entry}",
  tag: "Outbox",
  summary: "Read an outbox entry: its frozen payload, state and reason",
  input: NOTHING,
  answer: { status: 200, description: "The entry" },
  problems: ["entry_not_found"],
  async run({ services, params }) {
    const found = await services.outboxActions.outbox.find(params.entry ?? "");
    return found === null ? refuse(NO_ENTRY) : accept({ body: toJson(found.value) });
  },
});

export const retryEntry = operation({
  id: "retryOutboxEntry",
  method: "POST",
  path: "/operator/v1/outbox/{entry}/retry",
  tag: "Outbox",
  summary: "Send a held entry again",
  description:
    "An identifier that Stripe has used up is replaced by a new one, so the answer may " +
    "be another entry.",
  input: ReasonSchema,
  answer: { status: 200, description: "On its way, or in doubt until Stripe's summary decides" },
  problems: [...PROBLEMS, "not_billable"],
  run: (call) => decide(call, "retry"),
});

export const writeOffEntry = operation({
  id: "writeOffOutboxEntry",
  method: "POST",
  path: "/operator/v1/outbox/{entry}/write-off",
  tag: "Outbox",
  summary: "Give the units of a held or doubtful entry up; they are never sent",
  input: ReasonSchema,
  answer: { status: 200, description: "Written off; the books show it" },
  problems: PROBLEMS,
  run: (call) => decide(call, "write_off"),
});

export const resolveEntry = operation({
  id: "resolveOutboxEntry",
  method: "POST",
  path: "/operator/v1/outbox/{entry}/resolve",
  tag: "Outbox",
  summary: "Settle a doubt: Stripe has the units of this entry, or has not",
  input: z.strictObject({ delivered: z.boolean(), reason: Reason }),
  answer: { status: 200, description: "Sent, or ready to be sent again" },
  problems: PROBLEMS,
  run: (call) => decide(call, call.input.delivered ? "delivered" : "not_delivered"),
});

async function decide(
  { services, act, params, input: { reason } }: OperatorCall<{ readonly reason: string }>,
  decision: EntryDecision,
): Promise<Result<OperatorAnswer>> {
  const request = { entryId: params.entry ?? "", decision, reason, act };
  const deps = { ...services.outboxActions, audit: services.audit };
  const decided = await decideEntry(request, deps);
  return decided.ok ? accept({ body: toJson(decided.value) }) : decided;
}

const NO_ENTRY = { code: "entry_not_found", detail: "There is no such outbox entry" };
