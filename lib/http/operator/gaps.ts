import { z } from "zod";
import { bookGap, findGaps, GAP_BACK_MS } from "@/lib/billing/restore_gap.ts";
import { accept } from "@/lib/domain/result.ts";
import { operation, type OperatorCall, waitingAnswer } from "./operation.ts";
import { toJson } from "./to_json.ts";

export const listGaps = operation({
  id: "listRestoreGaps",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/gaps",
  tag: "Books",
  summary: "List the days of which Stripe has units that the books lack",
  description:
    "After a restore these are the units that were acknowledged and sent after the copy " +
    "was made. `since` is when it was made; the last 35 days when absent.",
  input: z.strictObject({ since: z.iso.datetime({ offset: true }).optional() }),
  answer: { status: 200, description: "By meter and UTC day, oldest first" },
  problems: ["unknown_tenant"],
  async run(call) {
    const { params, input: { since }, nowMs } = call;
    const sinceMs = since === undefined ? nowMs - GAP_BACK_MS : Date.parse(since);
    const found = await findGaps(gapDeps(call), { tenantId: params.tenant ?? "", sinceMs });
    return found.ok ? accept({ body: { items: toJson(found.value) } }) : found;
  },
});

export const bookFromStripe = operation({
  id: "bookRestoreGap",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/gaps",
  tag: "Books",
  summary: "Book what Stripe has of one day and meter from its word; nothing is sent",
  description: "Corrections by the hour, marked as sent. Beyond what one person may do within 24 " +
    "hours they stay `pending` until somebody else approves them. Repeating it books nothing twice.",
  input: z.strictObject({
    meter: z.string().max(40),
    day: z.iso.date(),
    reason: z.string().trim().min(1).max(500),
  }),
  answer: { status: 201, description: "The corrections that book it" },
  waits: "Some of them are `pending`: they wait for a second person",
  problems: [
    "unknown_tenant",
    "no_gap",
    "gap_undecided",
    "not_billable",
    "period_closed",
    "period_closing",
    "tenant_closed",
    "conflict",
  ],
  async run(call) {
    const { services, params, input, act } = call;
    const { corrections, plans, audit } = services;
    const deps = { ...gapDeps(call), corrections: { ...corrections, plans, audit } };
    const booked = await bookGap(deps, { ...input, tenantId: params.tenant ?? "", act });
    if (!booked.ok) return booked;
    const waits = booked.value.some(({ state }) => state === "pending");
    return accept(waitingAnswer({ items: toJson(booked.value) }, waits));
  },
});

function gapDeps({ services }: OperatorCall<unknown>) {
  return { billing: services.billing, outbox: services.outboxActions.outbox };
}
