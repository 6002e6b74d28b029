import { z } from "zod";
import { type Approval, listApprovals } from "@/lib/billing/list_approvals.ts";
import { accept } from "@/lib/domain/result.ts";
import { operation } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { toJson } from "./to_json.ts";

export const listWaiting = operation({
  id: "listApprovals",
  method: "GET",
  path: "/operator/v1/approvals",
  tag: "Money",
  summary: "List what waits for a second person, over all tenants, oldest first",
  description: "A page may hold fewer than `limit`; go on while there is a cursor.",
  input: z.strictObject(PAGE_QUERY),
  answer: {
    status: 200,
    description: "Adjustments, credits and corrections that nobody has decided",
  },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { approvals, corrections, billing } = call.services;
    const deps = { approvals, corrections: corrections.corrections, store: billing.store };
    const { items, cursor } = await listApprovals(deps, wanted.value);
    return accept({ body: { items: items.map(view), next_cursor: sealCursor(call, cursor) } });
  },
});

/** `kind` says which of the three the members belong to. */
function view(approval: Approval) {
  switch (approval.kind) {
    case "adjustment":
      return toJson({ kind: approval.kind, ...approval.adjustment });
    case "correction":
      return toJson({ kind: approval.kind, ...approval.correction });
    case "credit":
      return toJson({ kind: approval.kind, ...approval.credit });
  }
}
