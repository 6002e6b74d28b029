import { listWaiting } from "@/lib/http/operator/approvals.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listWaiting);
