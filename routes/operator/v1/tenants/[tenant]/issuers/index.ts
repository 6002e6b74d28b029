import { listIssuers, putIssuer } from "@/lib/http/operator/issuers.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listIssuers, putIssuer);
