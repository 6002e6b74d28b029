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
import { wordsIn } from "./words.ts";

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
  readonly isUnavailable: boolean;
}

export function InvoicesPage({ frame, model }: { frame: PortalFrame; model: InvoicesModel }) {
  const { say } = wordsIn(frame.viewer.locale);
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title={say("nav_invoices")}
        lede={say("invoices_lede")}
        actions={model.hasBillingPortal && mayEdit(frame) && (
          <Form action="/portal/invoices/billing-portal" class="">
            <Button icon="external">{say("payment_details")}</Button>
          </Form>
        )}
      />
      {model.isUnavailable && <Notice tone="warn">{say("provider_away")}</Notice>}
      <Card title={say("statements")} flush>
        <Table
          caption={say("statements_by_period")}
          rows={model.periods}
          rowKey={(row) => row.periodId}
          empty={<EmptyState title={say("first_statement")} />}
          columns={[
            {
              key: "period",
              label: say("period"),
              header: true,
              cell: (row) => (
                <a href={`/portal/invoices/${row.periodId}`}>
                  <DateTime atMs={row.startMs} style="month" utc />
                </a>
              ),
            },
            {
              key: "state",
              label: say("state"),
              cell: (row) =>
                row.open
                  ? <Badge tone="info">{say("running")}</Badge>
                  : <Badge tone="good">{say("closed")}</Badge>,
            },
            {
              key: "total",
              label: say("total"),
              end: true,
              cell: (row) => <Money amount={fromMinor(row.totalMinor)} currency={row.currency} />,
            },
          ]}
        />
      </Card>
      <Card title={say("nav_invoices")} flush>
        <Table
          caption={say("nav_invoices")}
          rows={model.invoices}
          rowKey={(row) => row.invoiceId}
          empty={
            <EmptyState title={say("no_invoice")} icon="invoices">
              <p class="small">{say("first_invoice")}</p>
            </EmptyState>
          }
          columns={[
            {
              key: "number",
              label: say("invoice"),
              header: true,
              cell: (row) => <bdi class="mono">{row.number ?? row.invoiceId}</bdi>,
            },
            {
              key: "period",
              label: say("period"),
              cell: (row) => (
                <>
                  <DateTime atMs={row.periodStartMs} style="date" utc /> –{" "}
                  <DateTime atMs={row.periodEndMs - 1} style="date" utc />
                </>
              ),
            },
            {
              key: "status",
              label: say("status"),
              cell: (row) => (
                <Badge tone={INVOICE_TONES[row.status]}>{say(`invoice_${row.status}`)}</Badge>
              ),
            },
            {
              key: "total",
              label: say("total"),
              end: true,
              cell: (row) => <Money amount={fromMinor(row.totalMinor)} currency={row.currency} />,
            },
            {
              key: "link",
              label: say("open"),
              actions: true,
              cell: (row) =>
                row.hostedUrl !== null && /^https?:\/\//.test(row.hostedUrl)
                  ? (
                    <a href={row.hostedUrl} rel="noopener noreferrer" target="_blank">
                      {say("open")}
                    </a>
                  )
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
