import { apiRoute } from "@/lib/http/api_route.ts";
import { readPrice, writeQuote } from "@/lib/http/api/market_data.ts";

export const handler = apiRoute(readPrice, writeQuote);
