import { addKey, listKeys } from "@/lib/http/operator/keys.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listKeys, addKey);
