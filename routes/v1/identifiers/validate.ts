import { apiRoute } from "@/lib/http/api_route.ts";
import { checkIdentifiers } from "@/lib/http/api/ratings.ts";

export const handler = apiRoute(checkIdentifiers);
