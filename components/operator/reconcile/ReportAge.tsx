import type { ReconcileReport } from "@/lib/ports/report_store.ts";
import { StaleBadge } from "../../ui/StaleBadge.tsx";

/** Compared every hour; after two missed runs a report says little about now. */
const STALE_AFTER_MS = 2 * 3_600_000;

export function ReportAge({ report }: { report: ReconcileReport }) {
  return <StaleBadge asOfMs={report.finishedAtMs} staleAfterMs={STALE_AFTER_MS} />;
}
