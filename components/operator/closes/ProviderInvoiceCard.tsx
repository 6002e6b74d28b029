import { meterLabel } from "@/lib/domain/meter.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Card } from "../../ui/Card.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Money } from "../../ui/Money.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { closePath } from "./close_path.ts";
import type { CloseModel } from "./ClosePage.tsx";

/** What Stripe has for the period, for comparison with our books. */
export function ProviderInvoiceCard({ model: { invoice, close } }: { model: CloseModel }) {
  if (invoice === null) {
    return (
      <Card title="Stripe’s invoice">
        <EmptyState title="Stripe has made no draft yet" icon="invoices" />
      </Card>
    );
  }
  if (invoice.kind === "unavailable") {
    return (
      <Card title="Stripe’s invoice">
        <Notice tone="warn" title="Stripe does not answer">
          <p class="break">{invoice.detail}</p>
          <a href={closePath(close)}>Ask again</a>
        </Notice>
      </Card>
    );
  }
  if (invoice.value === null) {
    return (
      <Card title="Stripe’s invoice">
        <EmptyState title="Stripe does not know this invoice any more" icon="warn" />
      </Card>
    );
  }
  return <Invoice invoice={invoice.value} />;
}

function Invoice({ invoice }: { invoice: ProviderInvoice }) {
  const { locale } = useViewer();
  return (
    <Card
      title="Stripe’s invoice"
      aside={
        <Badge tone={invoice.status === "draft" ? "info" : "good"} dot>{invoice.status}</Badge>
      }
      note="With the base fee of the period that follows."
    >
      <ul class="ledger-lines">
        {invoice.lines.map((line, at) => (
          <li key={at}>
            <bdi>{line.meter === null ? line.description : meterLabel(line.meter)}</bdi>
            <Money amount={fromMinor(line.amountMinor)} currency={invoice.currency} />
            {line.meter !== null && (
              <span class="note">{formatUnits(line.units, locale)} units</span>
            )}
          </li>
        ))}
        <li>
          <span>Total</span>
          <Money amount={fromMinor(invoice.totalMinor)} currency={invoice.currency} />
        </li>
      </ul>
    </Card>
  );
}
