import { apiRoute } from "@/lib/http/api_route.ts";
import { readBillingPreview } from "@/lib/http/api/usage.ts";

export const handler = apiRoute(readBillingPreview);
