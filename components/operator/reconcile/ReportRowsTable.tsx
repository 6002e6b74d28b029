import { meterLabel } from "@/lib/domain/meter.ts";
import type { ReconcileRow } from "@/lib/ports/report_store.ts";
import { Badge } from "../../ui/Badge.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Table } from "../../ui/Table.tsx";
import { Units } from "../../ui/Units.tsx";
import { entryPath } from "../outbox/outbox_path.ts";
import { TenantLink } from "../TenantLink.tsx";
import type { ReportModel } from "./ReportPage.tsx";

export function ReportRowsTable({ model: { rows, show, nextHref } }: { model: ReportModel }) {
  return (
    <Table
      caption="Ledger and Stripe by tenant, meter and period"
      rows={rows}
      rowKey={(row) => JSON.stringify([row.tenantId, row.meter, row.periodId])}
      empty={
        <EmptyState
          title={nextHref !== null
            ? "None on this page; go on with the next"
            : show === "differ"
            ? "No row differs"
            : "No row"}
          icon={show === "differ" && nextHref === null ? "check" : "list"}
        />
      }
      columns={[
        {
          key: "tenant",
          label: "Tenant",
          header: true,
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        {
          key: "meter",
          label: "Meter",
          cell: ({ meter, periodId }) => (
            <>
              {meterLabel(meter)}
              <div class="muted mono small">{periodId}</div>
            </>
          ),
        },
        {
          key: "ledger",
          label: "Ledger",
          end: true,
          cell: ({ ledger }) => <Units units={ledger} />,
        },
        {
          key: "stripe",
          label: "Stripe",
          end: true,
          cell: ({ stripe }) => <Units units={stripe} />,
        },
        {
          key: "invoiced",
          label: "On the invoice",
          end: true,
          cell: ({ invoiced, stripe }) =>
            invoiced === null
              ? <span class="muted">not asked</span>
              : invoiced === stripe
              ? <Units units={invoiced} />
              : (
                <Badge tone="bad">
                  <Units units={invoiced} />
                </Badge>
              ),
        },
        { key: "why", label: "Explained by", cell: (row) => <Explained row={row} /> },
        {
          key: "unexplained",
          label: "Unexplained",
          end: true,
          cell: ({ unexplained }) => (
            <Badge tone={unexplained === 0n ? "good" : "bad"}>
              <Units units={unexplained} />
            </Badge>
          ),
        },
      ]}
    />
  );
}

function Explained({ row }: { row: ReconcileRow }) {
  const { pending, late, refused, doubtful, evidence } = row;
  const said = [
    ["not sent yet", pending],
    ["sent, not summed up yet", late],
    ["refused", refused],
    ["doubtful", doubtful],
  ] as const;
  const explained = said.filter(([, units]) => units !== 0n);
  if (explained.length === 0 && evidence.length === 0) return <span class="muted">–</span>;
  return (
    <>
      {explained.map(([word, units]) => (
        <div key={word}>
          <Units units={units} /> {word}
        </div>
      ))}
      {evidence.length > 0 && (
        <details class="small">
          <summary>{evidence.length === 1 ? "1 entry" : `${evidence.length} entries`}</summary>
          <ul>
            {evidence.map(({ identifier, state, units }) => (
              <li key={identifier}>
                <a class="mono break" href={entryPath(identifier)}>{identifier}</a>{" "}
                {state.replace("_", " ")}, <Units units={units} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
