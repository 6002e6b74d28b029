import { apiRoute } from "@/lib/http/api_route.ts";
import { readPlan } from "@/lib/http/api/usage.ts";

export const handler = apiRoute(readPlan);
