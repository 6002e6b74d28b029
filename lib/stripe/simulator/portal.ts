import { z } from "zod";
import { liveCustomer } from "./customers.ts";
import type { PortalSessionDoc } from "./documents.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { expand, text } from "./params.ts";
import { HOUR_MS, seconds } from "./time.ts";

export const portalEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/billing_portal/sessions",
    z.strictObject({
      customer: z.string(),
      return_url: text(5000).optional(),
      configuration: z.string().optional(),
      locale: z.string().optional(),
      expand: expand(),
    }),
    ({ tx, host }, params) => {
      const customer = liveCustomer(tx, params.customer);
      const session: PortalSessionDoc = {
        id: tx.nextId("bps"),
        created: seconds(tx.nowMs),
        customer: customer.id,
        returnUrl: params.return_url ?? null,
        expiresMs: tx.nowMs + HOUR_MS,
      };
      tx.put("portal_sessions", session.id, session);
      return {
        id: session.id,
        object: "billing_portal.session",
        configuration: "bpc_default",
        created: session.created,
        customer: customer.id,
        flow: null,
        livemode: false,
        locale: null,
        on_behalf_of: null,
        return_url: session.returnUrl,
        url: `${host.baseUrl()}/portal/${session.id}?token=${host.token(session.id)}`,
      };
    },
  ),
];
