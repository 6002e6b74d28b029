import { listListLoads } from "@/lib/http/operator/lists.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listListLoads);
