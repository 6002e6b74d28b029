import { readDryRun } from "@/lib/http/operator/dry_runs.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(readDryRun);
