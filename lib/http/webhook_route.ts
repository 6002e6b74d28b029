import { receiveNotice } from "@/lib/billing/apply_notice.ts";
import { readBytes } from "./body.ts";
import type { ApiContext } from "./define.ts";
import { methods } from "./methods.ts";
import { problemResponse } from "./problem.ts";

const WEBHOOK_BYTES_MAX = 1_048_576;

/**
 * Takes a webhook: verified over the raw body, stored, and answered. What it says is applied after
 * the answer, by this instance at once or by any at its next chores.
 */
export function webhookRoute(kind: "snapshot" | "thin") {
  return methods<ApiContext>({
    async POST({ req, state }) {
      const { services, requestId } = state;
      const body = await readBytes(req, { maxBytes: WEBHOOK_BYTES_MAX });
      if (!body.ok) return problemResponse(body.error, { requestId });
      const notice = await services.webhooks[kind](body.value, req.headers.get("stripe-signature"));
      if (!notice.ok) {
        services.logger.warn("webhook_refused", { requestId, kind, code: notice.error.code });
        await services.webhookRefusals.note(kind, notice.error);
        return problemResponse(notice.error, { requestId });
      }
      const known = await receiveNotice(services.billing, notice.value, kind);
      if (known === "new") services.chores.applyNoticesSoon();
      return Response.json({ received: true, known: known === "known" });
    },
  });
}
