import { apiRoute } from "@/lib/http/api_route.ts";
import { rateInstrument } from "@/lib/http/api/ratings.ts";

export const handler = apiRoute(rateInstrument);
