/** The reports, newest first. */
export const RECONCILE_PATH = "/operator/reconcile";

export function reportPath(reportId: string): string {
  return `${RECONCILE_PATH}/${encodeURIComponent(reportId)}`;
}
