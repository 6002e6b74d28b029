import { apiRoute } from "@/lib/http/api_route.ts";
import { screenNames } from "@/lib/http/api/ratings.ts";

export const handler = apiRoute(screenNames);
