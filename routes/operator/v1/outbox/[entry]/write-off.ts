import { writeOffEntry } from "@/lib/http/operator/outbox.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(writeOffEntry);
