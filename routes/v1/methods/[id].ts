import { apiRoute } from "@/lib/http/api_route.ts";
import { readMethod } from "@/lib/http/api/ratings.ts";

export const handler = apiRoute(readMethod);
