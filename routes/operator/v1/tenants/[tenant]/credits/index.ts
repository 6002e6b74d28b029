import { addCredit, listCredits } from "@/lib/http/operator/money.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listCredits, addCredit);
