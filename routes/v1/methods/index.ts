import { apiRoute } from "@/lib/http/api_route.ts";
import { readMethods } from "@/lib/http/api/ratings.ts";

export const handler = apiRoute(readMethods);
