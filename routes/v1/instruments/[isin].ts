import { apiRoute } from "@/lib/http/api_route.ts";
import { readInstrument, writeInstrument } from "@/lib/http/api/market_data.ts";

export const handler = apiRoute(readInstrument, writeInstrument);
