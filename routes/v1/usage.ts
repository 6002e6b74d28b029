import { apiRoute } from "@/lib/http/api_route.ts";
import { readUsage } from "@/lib/http/api/usage.ts";

export const handler = apiRoute(readUsage);
