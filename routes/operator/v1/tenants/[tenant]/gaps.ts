import { bookFromStripe, listGaps } from "@/lib/http/operator/gaps.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listGaps, bookFromStripe);
