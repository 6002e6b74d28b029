import { listChoreRuns } from "@/lib/http/operator/chores.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listChoreRuns);
