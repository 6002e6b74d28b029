import { apiRoute } from "@/lib/http/api_route.ts";
import { extendHistory, replaceHistory } from "@/lib/http/api/market_data.ts";

export const handler = apiRoute(replaceHistory, extendHistory);
