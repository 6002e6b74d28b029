import type { ComponentChildren } from "preact";
import type { Amount, PlanVersion, Units as UnitCount } from "@/lib/domain/plan.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { ProratedChange } from "@/lib/domain/proration.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { TierLadderChart } from "../charts/TierLadderChart.tsx";
import { Badge } from "../ui/Badge.tsx";
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
import { formatUnits } from "../ui/format.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { phrase } from "../ui/phrase.ts";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { BillLines } from "./BillLines.tsx";
import { billOf } from "./bill_of.ts";
import { PlanCard } from "./PlanCard.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { priceWords } from "./price_words.ts";
import { PriceTable } from "./PriceTable.tsx";
import { useWords, wordsIn } from "./words.ts";

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
  const { say, meterWords } = wordsIn(frame.viewer.locale);
  return (
    <PortalPage frame={frame} current="/portal/plan">
      <PageHeader
        title={say("plan_title", { plan: plan.name })}
        lede={plan.description}
        actions={<ButtonLink href="#change">{say("change_plan")}</ButtonLink>}
      />
      <div class="grid-2">
        {plan.meters.map((meter) => {
          const now = model.marginal.find((one) => one.meter === meter.meter);
          return (
            <Card
              key={meter.meter}
              title={meterWords(meter.meter)}
              note={priceWords(meter.price, say)}
              aside={now !== undefined && (
                <span class="small">
                  {phrase(say("next_unit"), {
                    price: (
                      <strong>
                        <Money amount={now.nextUnit} currency={plan.currency} exact />
                      </strong>
                    ),
                  })}
                </span>
              )}
            >
              <TierLadderChart
                meter={meterWords(meter.meter)}
                price={meter.price}
                currency={plan.currency}
                includedUnits={meter.includedUnits}
                usedUnits={now?.usedUnits ?? null}
              />
              {now !== undefined && (
                <p class="small muted">
                  {phrase(say("used_in_period"), { units: <Units units={now.usedUnits} /> })}
                </p>
              )}
              <PriceTable meter={meter} currency={plan.currency} />
            </Card>
          );
        })}
      </div>
      <div class="grid-2 align-start">
        {calculator !== undefined && (
          <Card title={say("calculator_title")} note={say("calculator_note")}>
            {calculator}
          </Card>
        )}
        <Card title={say("terms")}>
          <Terms model={model} />
        </Card>
      </div>
      <Card title={say("change_plan")} id="change">
        {model.others.length === 0
          ? <EmptyState title={say("no_other_plan")} icon="plan" />
          : (
            <div class="plans">
              {[...model.others, plan].sort(byBaseFee).map((other) => (
                <PlanCard key={other.planRevision} plan={other} current={other === plan}>
                  {other === plan && (
                    <div>
                      <Badge tone="good">{say("your_plan")}</Badge>
                    </div>
                  )}
                  {other !== plan && mayEdit(frame) && (
                    <Form action="/portal/plan/preview" method="get">
                      <input type="hidden" name="to" value={other.planRevision} />
                      <Button>{say("see_what_changes")}</Button>
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

function byBaseFee(a: PlanVersion, b: PlanVersion): number {
  return a.baseFee < b.baseFee ? -1 : a.baseFee > b.baseFee ? 1 : 0;
}

function Terms({ model: { plan, period, requestsPerSecond, burst } }: { model: PlanModel }) {
  const { locale } = useViewer();
  const { say, count, meterWords } = useWords();
  return (
    <Facts
      wide
      facts={[
        {
          term: say("base_fee"),
          value: phrase(say(`fee_per_${plan.interval}`), {
            fee: <Money amount={plan.baseFee} currency={plan.currency} />,
          }),
        },
        ...(plan.minimumCommitment === 0n ? [] : [{
          term: say("at_least"),
          value: <Money amount={plan.minimumCommitment} currency={plan.currency} />,
        }]),
        { term: say("version"), value: <code>{plan.planRevision}</code> },
        { term: say("renews"), value: <DateTime atMs={period.endMs} style="date" utc /> },
        {
          term: say("rate_limit"),
          value: say("rate_limit_value", {
            rate: formatUnits(requestsPerSecond, locale),
            burst: formatUnits(burst, locale),
          }),
        },
        ...plan.meters.flatMap(({ meter, quota }) =>
          quota === null ? [] : [{
            term: say("quota_of", { meter: meterWords(meter) }),
            value: phrase(say(`quota_is_${quota.enforcement}`), {
              units: <Units units={quota.units} />,
            }),
          }]
        ),
        { term: say("grace"), value: count("grace_days", plan.graceDays) },
        {
          term: say("features"),
          value: plan.features.length === 0
            ? say("none")
            : <code class="break">{plan.features.join(", ")}</code>,
        },
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
  const { say, meterWords } = wordsIn(locale);
  return (
    <PortalPage frame={frame} current="/portal/plan">
      <PageHeader
        title={say("from_plan_to", { from: from.name, to: to.name })}
        crumbs={[{ href: "/portal/plan", label: say("nav_plan") }]}
        lede={say("preview_lede")}
      />
      {model.losses.length > 0 && (
        <Notice tone="warn" title={say("plan_lacks", { plan: to.name })}>
          {model.losses.map((one) =>
            from.meters.some(({ meter }) => meter === one) ? meterWords(one) : one
          ).join(", ")}
        </Notice>
      )}
      <Card title={say("rest_of_period")}>
        <BillLines
          bill={{
            currency: to.currency,
            totalMinor: proration.netMinor,
            totalLabel: say(proration.netMinor < 0n ? "credited_next" : "added_next"),
            lines: [
              {
                lineId: "credit",
                label: say("unused_time", { plan: from.name }),
                note: null,
                amountMinor: proration.creditMinor,
              },
              {
                lineId: "debit",
                label: say("remaining_time", { plan: to.name }),
                note: null,
                amountMinor: proration.debitMinor,
              },
            ],
          }}
        />
      </Card>
      <h2>{say("usage_both_plans")}</h2>
      <div class="grid-2">
        <Card title={from.name}>
          <BillLines bill={billOf(model.before, locale)} />
        </Card>
        <Card title={to.name}>
          <BillLines bill={billOf(model.after, locale)} />
        </Card>
      </div>
      <div class="row">
        <Button kind="primary" opens="confirm-change">{say("move_to", { plan: to.name })}</Button>
        <ButtonLink href="/portal/plan">{say("stay_on", { plan: from.name })}</ButtonLink>
      </div>
      <Dialog id="confirm-change" title={say("move_to_question", { plan: to.name })}>
        <ConfirmForm
          id="change"
          action="/portal/plan"
          phrase={null}
          submit={say("move_to", { plan: to.name })}
          fields={{ to: to.planRevision, from: from.planRevision }}
        >
          <p>
            {phrase(say("move_text"), {
              plan: <bdi>{to.name}</bdi>,
              amount: <Money amount={fromMinor(proration.netMinor)} currency={to.currency} />,
            })}
          </p>
        </ConfirmForm>
      </Dialog>
    </PortalPage>
  );
}
