import { webhookRoute } from "@/lib/http/webhook_route.ts";

/** Thin events, signed with a secret of their own. */
export const handler = webhookRoute("thin");
