import { draftPlan } from "@/lib/http/operator/plans.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(draftPlan);
