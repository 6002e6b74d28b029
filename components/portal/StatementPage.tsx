import type { StatementView } from "@/lib/billing/statement_view.ts";
import { Badge } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { wordsIn } from "./words.ts";

export interface StatementModel {
  readonly periodId: string;
  readonly open: boolean;
  /** The statement in the tenant's language, numbers written out. */
  readonly view: StatementView;
  /** Ids of the lines that open into their hours. */
  readonly explained: readonly string[];
  readonly csvHref: string;
}

/** A statement of one period, in the tenant's own language; made to be printed, too. */
export function StatementPage({ frame, model }: { frame: PortalFrame; model: StatementModel }) {
  const { view } = model;
  const { say } = wordsIn(frame.viewer.locale);
  const [description, quantity, unitPrice, amount] = view.columns;
  const explained = new Set(model.explained);
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title={view.title}
        crumbs={[{ href: "/portal/invoices", label: say("nav_invoices") }]}
        lede={model.open && <Badge tone="info">{say("still_running")}</Badge>}
        actions={
          <ButtonLink href={model.csvHref} icon="download" size="sm" download>CSV</ButtonLink>
        }
      />
      <div class="stack-lg">
        <Facts facts={view.facts} />
        <Card flush>
          <Table
            caption={view.title}
            rows={view.lines}
            rowKey={(line) => line.lineId}
            empty={<EmptyState title={say("nothing_to_bill")} icon="invoices" />}
            columns={[
              {
                key: "what",
                label: description,
                header: true,
                cell: (line) => explained.has(line.lineId)
                  ? <a href={lineHref(model.periodId, line.lineId)}>{line.description}</a>
                  : <bdi>{line.description}</bdi>,
              },
              {
                key: "quantity",
                label: quantity,
                end: true,
                cell: (line) => figure(line.quantity),
              },
              {
                key: "price",
                label: unitPrice,
                end: true,
                cell: (line) => figure(line.unitPrice),
              },
              {
                key: "amount",
                label: amount,
                end: true,
                cell: (line) => <span class="num">{line.amount}</span>,
              },
            ]}
          />
        </Card>
        <ul class="ledger-lines statement-totals">
          {view.totals.map(({ term, value }) => (
            <li key={term}>
              <span>{term}</span>
              <span class="num">{value}</span>
            </li>
          ))}
        </ul>
        <ul class="stack-sm small muted">
          {view.notes.map((note) => <li key={note}>{note}</li>)}
        </ul>
      </div>
    </PortalPage>
  );
}

/** Lines without a price of a unit leave its columns empty. */
function figure(text: string) {
  return text === "" ? null : <span class="num">{text}</span>;
}

function lineHref(periodId: string, lineId: string): string {
  return `/portal/invoices/${periodId}/lines/${encodeURIComponent(lineId)}`;
}
