import { askProvider } from "@/lib/http/operator/watch.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(askProvider);
