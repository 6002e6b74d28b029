import type { ReconcileReport } from "@/lib/ports/report_store.ts";
import { Badge } from "../../ui/Badge.tsx";

export function OutcomeBadge(
  { report: { differences, failures } }: { report: ReconcileReport },
) {
  return (
    <>
      {differences === 0
        ? <Badge tone="good" dot>agrees</Badge>
        : <Badge tone="bad" dot>{differences === 1 ? "1 differs" : `${differences} differ`}</Badge>}
      {failures.length > 0 && (
        <div>
          <Badge tone="warn" dot>
            {failures.length === 1 ? "1 tenant failed" : `${failures.length} tenants failed`}
          </Badge>
        </div>
      )}
    </>
  );
}
