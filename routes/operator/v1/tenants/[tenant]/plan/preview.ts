import { previewPlan } from "@/lib/http/operator/tenant_terms.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(previewPlan);
