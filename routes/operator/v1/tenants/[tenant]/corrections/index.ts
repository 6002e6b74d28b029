import { listCorrections, propose } from "@/lib/http/operator/corrections.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listCorrections, propose);
