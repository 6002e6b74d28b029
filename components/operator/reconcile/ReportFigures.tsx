import type { ReconcileReport } from "@/lib/ports/report_store.ts";
import { StackBar } from "../../charts/StackBar.tsx";
import { Card } from "../../ui/Card.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Stat, Stats } from "../../ui/Stat.tsx";
import { Units } from "../../ui/Units.tsx";
import { useViewer } from "../../ui/viewer.ts";

export function ReportFigures({ report }: { report: ReconcileReport }) {
  const { locale } = useViewer();
  const { pending, late, refused, doubtful, unexplained } = report;
  const parts = [
    { key: "pending", label: "not sent yet", class: "s4", units: pending },
    { key: "late", label: "sent, not summed up yet", class: "s1", units: late },
    { key: "refused", label: "refused", class: "s2", units: refused },
    { key: "doubtful", label: "doubtful", class: "s3", units: doubtful },
    { key: "unexplained", label: "unexplained", class: "s-bad", units: unexplained },
  ];
  return (
    <>
      <Stats>
        <Stat label="Rows" value={<Units units={BigInt(report.rows)} />} />
        <Stat label="Differ" value={<Units units={BigInt(report.differences)} />} />
        <Stat
          label="Unexplained"
          value={<Units units={unexplained} />}
          note="units, anything but 0 is a defect"
        />
        <Stat
          label="Failed tenants"
          value={<Units units={BigInt(report.failures.length)} />}
          note={report.failures.length === 0 ? "all were compared" : "listed below"}
        />
      </Stats>
      {parts.some(({ units }) => units > 0n) && (
        <Card title="Units that Stripe does not show as the ledger does">
          <StackBar
            summary={parts.map(({ label, units }) => `${formatUnits(units, locale)} ${label}`)
              .join(", ")}
            parts={parts.filter(({ units }) => units > 0n).map(({ units, label, ...part }) => ({
              ...part,
              label: `${formatUnits(units, locale)} ${label}`,
              value: Number(units),
            }))}
          />
        </Card>
      )}
    </>
  );
}
