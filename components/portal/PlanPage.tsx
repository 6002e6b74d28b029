import type { ComponentChildren } from "preact";
import type { Amount, PlanVersion, Units as UnitCount } from "@/lib/domain/plan.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { ProratedChange } from "@/lib/domain/proration.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { TierLadderChart } from "../charts/TierLadderChart.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { Form } from "../ui/Form.tsx";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Units } from "../ui/Units.tsx";
import { BillLines } from "./BillLines.tsx";
import { billOf } from "./bill_of.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import { PlanCard } from "./PlanCard.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { priceWords } from "./price_words.ts";
import { PriceTable } from "./PriceTable.tsx";

export interface PlanModel {
  readonly plan: PlanVersion;
  readonly period: { readonly startMs: number; readonly endMs: number };
  /** What the next unit of each meter costs now. */
  readonly marginal: readonly {
    readonly meter: string;
    readonly usedUnits: UnitCount;
    readonly nextUnit: Amount;
  }[];
  /** Published plans in the same currency that the tenant could move to. */
  readonly others: readonly PlanVersion[];
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** `calculator` is an island: its answer follows the typing. Without it the tables say the same. */
export function PlanPage(
  { frame, model, calculator }: {
    frame: PortalFrame;
    model: PlanModel;
    calculator?: ComponentChildren;
  },
) {
  const { plan } = model;
  return (
    <PortalPage frame={frame} current="/portal/plan">
      <PageHeader
        title={`${plan.name} plan`}
        lede={plan.description}
        actions={<ButtonLink href="#change">Change plan</ButtonLink>}
      />
      <div class="grid-2">
        {plan.meters.map((meter) => {
          const now = model.marginal.find((one) => one.meter === meter.meter);
          return (
            <Card
              key={meter.meter}
              title={meterLabel(meter.meter)}
              note={priceWords(meter.price)}
              aside={now !== undefined && (
                <span class="small">
                  next unit{" "}
                  <strong>
                    <Money amount={now.nextUnit} currency={plan.currency} exact />
                  </strong>
                </span>
              )}
            >
              <TierLadderChart
                meter={meterLabel(meter.meter)}
                price={meter.price}
                currency={plan.currency}
                includedUnits={meter.includedUnits}
                usedUnits={now?.usedUnits ?? null}
              />
              {now !== undefined && (
                <p class="small muted">
                  Used in this period: <Units units={now.usedUnits} />
                </p>
              )}
              <PriceTable meter={meter} currency={plan.currency} />
            </Card>
          );
        })}
      </div>
      <div class="grid-2 align-start">
        {calculator !== undefined && (
          <Card title="What would it cost?" note="The same arithmetic that makes your invoice.">
            {calculator}
          </Card>
        )}
        <Card title="Terms">
          <Terms model={model} />
        </Card>
      </div>
      <Card title="Change plan" id="change">
        {model.others.length === 0
          ? <EmptyState title="There is no other plan to move to" icon="plan" />
          : (
            <div class="plans">
              {model.others.map((other) => (
                <PlanCard key={other.planRevision} plan={other}>
                  {mayEdit(frame) && (
                    <Form action="/portal/plan/preview" method="get">
                      <input type="hidden" name="to" value={other.planRevision} />
                      <Button>See what changes</Button>
                    </Form>
                  )}
                </PlanCard>
              ))}
            </div>
          )}
      </Card>
    </PortalPage>
  );
}

function Terms({ model: { plan, period, requestsPerSecond, burst } }: { model: PlanModel }) {
  return (
    <Facts
      wide
      facts={[
        {
          term: "Base fee",
          value: (
            <>
              <Money amount={plan.baseFee} currency={plan.currency} /> a {plan.interval}
            </>
          ),
        },
        ...(plan.minimumCommitment === 0n ? [] : [{
          term: "At least",
          value: <Money amount={plan.minimumCommitment} currency={plan.currency} />,
        }]),
        { term: "Version", value: <code>{plan.planRevision}</code> },
        { term: "Renews", value: <DateTime atMs={period.endMs} style="date" utc /> },
        {
          term: "Rate limit",
          value: `${requestsPerSecond} a second, bursts of ${burst}`,
        },
        ...plan.meters.filter((meter) => meter.quota !== null).map((meter) => ({
          term: `${meterLabel(meter.meter)} quota`,
          value: (
            <>
              <Units units={meter.quota?.units ?? 0n} /> {meter.quota?.enforcement}
            </>
          ),
        })),
        { term: "Grace", value: `${plan.graceDays} days past due` },
        { term: "Features", value: plan.features.join(", ") || "none" },
      ]}
    />
  );
}

export interface PlanPreviewModel {
  readonly from: PlanVersion;
  readonly to: PlanVersion;
  readonly proration: ProratedChange;
  /** The usage so far priced by both. */
  readonly before: Statement;
  readonly after: Statement;
  readonly losses: readonly string[];
}

export function PlanPreviewPage(
  { frame, model }: { frame: PortalFrame; model: PlanPreviewModel },
) {
  const { from, to, proration } = model;
  const { locale } = frame.viewer;
  return (
    <PortalPage frame={frame} current="/portal/plan">
      <PageHeader
        title={`From ${from.name} to ${to.name}`}
        crumbs={[{ href: "/portal/plan", label: "Plan" }]}
        lede="Nothing has changed yet. Figures are for a change right now, counted by the second."
      />
      {model.losses.length > 0 && (
        <Notice tone="warn" title={`${to.name} does not have`}>{model.losses.join(", ")}</Notice>
      )}
      <Card title="Base fee for the rest of this period">
        <BillLines
          bill={{
            currency: to.currency,
            totalMinor: proration.netMinor,
            totalLabel: proration.netMinor < 0n
              ? "Credited on the next invoice"
              : "Added to the next invoice",
            lines: [
              {
                lineId: "credit",
                label: `Unused time on ${from.name}`,
                note: null,
                amountMinor: proration.creditMinor,
              },
              {
                lineId: "debit",
                label: `Remaining time on ${to.name}`,
                note: null,
                amountMinor: proration.debitMinor,
              },
            ],
          }}
        />
      </Card>
      <h2>This period's usage under both plans</h2>
      <div class="grid-2">
        <Card title={from.name}>
          <BillLines bill={billOf(model.before, locale)} />
        </Card>
        <Card title={to.name}>
          <BillLines bill={billOf(model.after, locale)} />
        </Card>
      </div>
      <div class="row">
        <Button kind="primary" opens="confirm-change">Move to {to.name}</Button>
        <ButtonLink href="/portal/plan">Stay on {from.name}</ButtonLink>
      </div>
      <Dialog id="confirm-change" title={`Move to ${to.name}?`}>
        <ConfirmForm
          id="change"
          action="/portal/plan"
          phrase={null}
          submit={`Move to ${to.name}`}
          fields={{ to: to.planRevision, from: from.planRevision }}
        >
          <p>
            From the next call on, usage is priced by {to.name}. The base fee changes by{" "}
            <Money amount={fromMinor(proration.netMinor)} currency={to.currency} /> in this period.
          </p>
        </ConfirmForm>
      </Dialog>
    </PortalPage>
  );
}
