import { apiRoute } from "@/lib/http/api_route.ts";
import { writeQuotes } from "@/lib/http/api/market_data.ts";

export const handler = apiRoute(writeQuotes);
