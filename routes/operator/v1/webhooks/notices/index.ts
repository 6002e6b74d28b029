import { listNotices } from "@/lib/http/operator/webhooks.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listNotices);
