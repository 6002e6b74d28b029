import { HttpError } from "fresh";
import { seeOther } from "@/lib/http/redirect.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done } from "../../(_shared)/portal_state.ts";

/** Off to the payment provider's own pages for cards and tax data. */
export const handler = define.handlers({
  async POST(ctx) {
    const { tenant, session } = ctx.state.visit;
    const { stripeCustomerId } = tenant.value;
    permit(ctx, "manage_billing");
    // What is done over there would be the member's doing, and in no log of ours.
    if (session.impersonatedBy !== null) throw new HttpError(403);
    if (stripeCustomerId === null) throw new HttpError(404);
    const { provider, baseUrl, logger } = ctx.state.services.portal;
    const returnUrl = `${baseUrl}/portal/invoices`;
    try {
      return seeOther(await provider.portalUrl({ stripeCustomerId, returnUrl }));
    } catch (error) {
      logger.warn("billing_portal_unavailable", { error: String(error) });
      return done("/portal/invoices", "billing_unavailable");
    }
  },
});
