import { apiRoute } from "@/lib/http/api_route.ts";
import { sendEvents } from "@/lib/http/api/events.ts";

export const handler = apiRoute(sendEvents);
