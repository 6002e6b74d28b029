import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";

export interface InvoicesModel {
  readonly invoices: readonly ProviderInvoice[];
  /** Periods with a statement of our own, newest first. */
  readonly periods: readonly {
    readonly periodId: string;
    readonly startMs: number;
    readonly endMs: number;
    readonly open: boolean;
    readonly totalMinor: bigint;
    readonly currency: string;
  }[];
  readonly hasBillingPortal: boolean;
  /** Set when Stripe could not be asked; our own statements are complete without it. */
  readonly unavailable: string | null;
}

export function InvoicesPage({ frame, model }: { frame: PortalFrame; model: InvoicesModel }) {
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title="Invoices"
        lede="Statements are our books of a period; invoices are what was billed from them."
        actions={model.hasBillingPortal && mayEdit(frame) && (
          <Form action="/portal/invoices/billing-portal" class="">
            <Button icon="external">Payment details</Button>
          </Form>
        )}
      />
      {model.unavailable !== null && <Notice tone="warn">{model.unavailable}</Notice>}
      <Card title="Statements" flush>
        <Table
          caption="Statements by billing period"
          rows={model.periods}
          rowKey={(row) => row.periodId}
          empty={<EmptyState title="The first statement comes with the first period" />}
          columns={[
            {
              key: "period",
              label: "Period",
              header: true,
              cell: (row) => (
                <a href={`/portal/invoices/${row.periodId}`}>
                  <DateTime atMs={row.startMs} style="month" utc />
                </a>
              ),
            },
            {
              key: "state",
              label: "State",
              cell: (row) =>
                row.open ? <Badge tone="info">running</Badge> : <Badge tone="good">closed</Badge>,
            },
            {
              key: "total",
              label: "Total",
              end: true,
              cell: (row) => <Money amount={fromMinor(row.totalMinor)} currency={row.currency} />,
            },
          ]}
        />
      </Card>
      <Card title="Invoices" flush>
        <Table
          caption="Invoices"
          rows={model.invoices}
          rowKey={(row) => row.invoiceId}
          empty={
            <EmptyState title="No invoice yet" icon="invoices">
              <p class="small">The first one is made when the current period ends.</p>
            </EmptyState>
          }
          columns={[
            {
              key: "number",
              label: "Invoice",
              header: true,
              cell: (row) => <bdi class="mono">{row.number ?? row.invoiceId}</bdi>,
            },
            {
              key: "period",
              label: "Period",
              cell: (row) => (
                <>
                  <DateTime atMs={row.periodStartMs} style="date" utc /> –{" "}
                  <DateTime atMs={row.periodEndMs - 1} style="date" utc />
                </>
              ),
            },
            {
              key: "status",
              label: "Status",
              cell: (row) => <Badge tone={INVOICE_TONES[row.status]}>{row.status}</Badge>,
            },
            {
              key: "total",
              label: "Total",
              end: true,
              cell: (row) => <Money amount={fromMinor(row.totalMinor)} currency={row.currency} />,
            },
            {
              key: "link",
              label: "Open",
              actions: true,
              cell: (row) =>
                row.hostedUrl !== null && /^https?:\/\//.test(row.hostedUrl)
                  ? <a href={row.hostedUrl} rel="noopener noreferrer" target="_blank">Open</a>
                  : null,
            },
          ]}
        />
      </Card>
    </PortalPage>
  );
}

const INVOICE_TONES: Readonly<Record<ProviderInvoice["status"], Tone>> = {
  draft: "neutral",
  open: "info",
  paid: "good",
  uncollectible: "bad",
  void: "neutral",
  preview: "neutral",
};
