import { readReport } from "@/lib/http/operator/reconcile.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(readReport);
