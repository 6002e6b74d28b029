import type { FaultReport } from "./fault_run.ts";
import type { RemoteFaultReport } from "./remote_run.ts";

/** What a person wants to know of a run, in a few lines. */
export function reportText(report: FaultReport | RemoteFaultReport): string {
  const { proxy } = report;
  const spoilt = Object.entries(proxy).map(([what, count]) => `${what} ${count}`).join(", ");
  return [
    `kills survived     ${report.kills}`,
    `calls              ${report.calls} in ${report.attempts} attempts`,
    `units acknowledged ${report.unitsAcknowledged}, counted ${report.unitsCounted}, ` +
    `sent ${report.unitsSent}, billed ${report.unitsBilled}`,
    `way to Stripe      ${spoilt}`,
    `bad days of Stripe ${report.simulatorFaults}`,
    ...("commits" in report
      ? [`commits            ${report.commits}, replies dropped ${report.repliesDropped}`]
      : []),
    `violations         ${report.violations.length}`,
    ...report.violations.slice(0, 10).map((violation) => `  ${violation}`),
    `time               ${report.seconds.toFixed(1)} s`,
  ].join("\n");
}
