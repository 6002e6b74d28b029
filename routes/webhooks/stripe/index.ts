import { webhookRoute } from "@/lib/http/webhook_route.ts";

/** Snapshot events. */
export const handler = webhookRoute("snapshot");
