import { meterLabel } from "@/lib/domain/meter.ts";
import type { BookLine } from "@/lib/ports/usage.ts";
import { StackBar } from "../../charts/StackBar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Table } from "../../ui/Table.tsx";
import { Units } from "../../ui/Units.tsx";
import { TenantLink } from "../TenantLink.tsx";
import type { BooksModel } from "./BooksPage.tsx";

export function BookLines({ model }: { model: BooksModel }) {
  return (
    <Table
      caption="Books by tenant, period, meter and plan version"
      rows={model.lines}
      rowKey={(line) =>
        JSON.stringify([line.tenantId, line.periodId, line.meter, line.planRevision])}
      empty={<NoLine model={model} />}
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
          cell: ({ meter, planRevision, periodId }) => (
            <>
              {meterLabel(meter)}
              <div class="muted mono small">
                {planRevision} <span class="nowrap">{periodId}</span>
              </div>
            </>
          ),
        },
        {
          key: "acknowledged",
          label: "Acknowledged",
          end: true,
          cell: ({ acknowledged, adjusted }) => (
            <>
              <Units units={acknowledged + adjusted} />
              {adjusted !== 0n && (
                <div class="muted small">
                  of these <Units units={adjusted} /> adjusted
                </div>
              )}
            </>
          ),
        },
        { key: "log", label: "Log", end: true, cell: ({ log }) => <Units units={log} /> },
        {
          key: "windows",
          label: "Windows",
          end: true,
          cell: ({ windows }) => <Units units={windows} />,
        },
        {
          key: "outbox",
          label: "Outbox",
          end: true,
          cell: ({ tenantId, outbox }) =>
            outbox === 0n
              ? <Units units={outbox} />
              : (
                <a href={`/operator/outbox?${new URLSearchParams({ tenant: tenantId })}`}>
                  <Units units={outbox} />
                </a>
              ),
        },
        {
          key: "stripe",
          label: "At Stripe",
          end: true,
          cell: ({ sent, rejected, confirmed }) => (
            <>
              <Units units={sent - rejected} />
              <div class="muted small">
                <Units units={confirmed} /> confirmed
              </div>
            </>
          ),
        },
        {
          key: "off",
          label: "Written off",
          end: true,
          cell: ({ writtenOff }) => <Units units={writtenOff} />,
        },
        { key: "bar", label: "Where they are", cell: (line) => <WhereBar line={line} /> },
        {
          key: "difference",
          label: "Difference",
          end: true,
          cell: ({ difference, moving }) =>
            moving
              ? <Badge>moving</Badge>
              : difference === 0n
              ? <Badge tone="good">0</Badge>
              : (
                <Badge tone="bad">
                  <Units units={difference} />
                </Badge>
              ),
        },
      ]}
    />
  );
}

/** The figures stand beside it. */
function WhereBar({ line }: { line: BookLine }) {
  const parts = [
    { key: "stripe", label: "At Stripe", class: "s0", units: line.sent - line.rejected },
    { key: "outbox", label: "Outbox", class: "s4", units: line.outbox },
    { key: "windows", label: "Windows", class: "s5", units: line.windows },
    { key: "log", label: "Log", class: "s3", units: line.log },
    { key: "off", label: "Written off", class: "s-bad", units: line.writtenOff },
  ].filter(({ units }) => units > 0n);
  return (
    <div class="where-bar">
      <StackBar
        legend={false}
        summary={parts.map(({ label, units }) => `${label} ${units}`).join(", ") || "nothing"}
        parts={parts.map(({ units, ...part }) => ({ ...part, value: Number(units) }))}
      />
    </div>
  );
}

function NoLine({ model: { filter, tenantId, periodId } }: { model: BooksModel }) {
  if (filter === "differ") {
    return (
      <EmptyState title="Every line adds up" icon="check">
        <p class="small">Counted hourly too; a difference raises an alarm.</p>
      </EmptyState>
    );
  }
  if (filter === "outstanding") {
    return <EmptyState title="Nothing is outstanding: Stripe has every unit" icon="check" />;
  }
  return (
    <EmptyState
      title={tenantId === "" && periodId === "" ? "Nothing was counted yet" : "No such line"}
      icon="usage"
    >
      <p class="small">A line appears with the first metered call.</p>
    </EmptyState>
  );
}
