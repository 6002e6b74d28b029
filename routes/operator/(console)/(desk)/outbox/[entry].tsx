import { HttpError, page } from "fresh";
import { WRITE_OFF_PHRASE } from "@/components/operator/outbox/EntryDecisions.tsx";
import { type DecisionForm, EntryPage } from "@/components/operator/outbox/EntryPage.tsx";
import { entryPath } from "@/components/operator/outbox/outbox_path.ts";
import { decideEntry, type EntryDecision } from "@/lib/metering/decide_entry.ts";
import type { FlashCode } from "@/lib/operator/flashes.ts";
import { loadEntry } from "@/lib/operator/load_entry.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../(_shared)/step_up.ts";

const DECISIONS: Readonly<
  Record<EntryDecision, { readonly form: DecisionForm; readonly flash: FlashCode }>
> = {
  retry: { form: "retry", flash: "entry_retried" },
  write_off: { form: "write_off", flash: "entry_written_off" },
  delivered: { form: "settle", flash: "entry_resolved" },
  not_delivered: { form: "settle", flash: "entry_resolved" },
};

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Outbox entry";
    const model = await loadEntry(ctx.state.services, ctx.params["entry"] ?? "");
    if (model === null) throw new HttpError(404);
    return page({ ...model, attempt: null });
  },
  /** Only on the version that was looked at. A decision that is not taken comes back as typed. */
  async POST(ctx) {
    ctx.state.title = "Outbox entry";
    const { services, visit: { act } } = ctx.state;
    const entryId = ctx.params["entry"] ?? "";
    const path = entryPath(entryId);
    const decision = decisionOf(field(ctx, "act"));
    const { form, flash } = DECISIONS[decision];
    const reason = field(ctx, "reason");
    const proof = decision === "retry" ? null : await askForProof(ctx);
    if (proof !== null) return proof;
    const again = async (error: string) => {
      const model = await loadEntry(services, entryId);
      if (model === null) throw new HttpError(404);
      return page({ ...model, attempt: { form, reason, error } }, { status: 422 });
    };
    if (decision === "write_off" && !isConfirmed(ctx, WRITE_OFF_PHRASE)) {
      return await again("Nothing was done: the confirmation did not match.");
    }
    const wanted = { entryId, decision, reason, version: field(ctx, "version"), act };
    const deps = { ...services.outboxActions, audit: services.audit };
    const decided = await decideEntry(wanted, deps);
    if (decided.ok) return done(entryPath(decided.value.entryId), flash);
    const { code, detail } = decided.error;
    if (code === "reason_missing" || code === "not_billable") return await again(detail);
    if (code === "entry_not_found") throw new HttpError(404);
    return doneIf(decided, { path, flash });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <EntryPage frame={state.visit.frame} model={data} />
));

function decisionOf(text: string): EntryDecision {
  const words = ["retry", "write_off", "delivered", "not_delivered"] as const;
  const decision = words.find((word) => word === text);
  if (decision === undefined) throw new HttpError(400);
  return decision;
}
