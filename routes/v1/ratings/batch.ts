import { apiRoute } from "@/lib/http/api_route.ts";
import { rateInstruments } from "@/lib/http/api/ratings.ts";

export const handler = apiRoute(rateInstruments);
