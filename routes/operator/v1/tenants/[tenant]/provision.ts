import { provision } from "@/lib/http/operator/tenants.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(provision);
