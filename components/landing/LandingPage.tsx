import { fromMinor } from "@/lib/domain/money.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { priceStatement } from "@/lib/domain/statement.ts";
import { TierLadderChart } from "../charts/TierLadderChart.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";
import { PlanCard } from "../portal/PlanCard.tsx";
import { priceWords } from "../portal/price_words.ts";
import { PriceTable } from "../portal/PriceTable.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Money } from "../ui/Money.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import { Table } from "../ui/Table.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import { Units } from "../ui/Units.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface LandingModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly baseUrl: string;
  /** Newest published version of each plan, cheapest first. */
  readonly plans: readonly PlanVersion[];
  readonly isin: string;
}

export function LandingPage(model: LandingModel) {
  return (
    <PublicShell viewer={model.viewer} theme={model.theme}>
      <section class="hero">
        <div class="stack-lg">
          <h1>Risk ratings by the call, billed to the unit.</h1>
          <p class="lede">
            Clawmeter rates equities, bonds and options by published methods. Every call is counted
            once, priced as it happens, and agrees with your invoice to the cent.
          </p>
          <div class="row">
            <ButtonLink href="/portal/sign-in" kind="primary">Sign in</ButtonLink>
            <ButtonLink href="/docs">Read the API reference</ButtonLink>
          </div>
        </div>
        <Exchange model={model} />
      </section>
      <How />
      <section class="band" id="pricing" aria-labelledby="pricing-title">
        <span class="scale" aria-hidden="true" />
        <div class="stack-sm">
          <h2 id="pricing-title">Pricing</h2>
          <p class="muted">
            Taken from the catalogue that bills you. A published version never changes under you.
          </p>
        </div>
        {model.plans.length === 0
          ? <EmptyState title="No plan is published yet" icon="plan" />
          : (
            <div class="plans">
              {model.plans.map((plan) => <PlanCard key={plan.planRevision} plan={plan} />)}
            </div>
          )}
        <Ladders plans={model.plans} />
      </section>
    </PublicShell>
  );
}

function Exchange({ model }: { model: LandingModel }) {
  const request = [
    `curl -i ${model.baseUrl}/v1/ratings \\`,
    `  -H "Authorization: Bearer $CLAWMETER_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '{"instrument":"${model.isin}",`,
    `       "include":["risk_score"]}'`,
  ].join("\n");
  return (
    <div class="stack-sm">
      <CodeBlock title="Ask" code={request} />
      <MonthCosts plans={model.plans} />
    </div>
  );
}

const MONTHS = [1_000n, 10_000n, 100_000n] as const;

/** Worked examples, computed by the arithmetic that bills. */
function MonthCosts({ plans }: { plans: readonly PlanVersion[] }) {
  const meter = plans[0]?.meters[0]?.meter;
  if (meter === undefined) return null;
  return (
    <Card title={`A month of ${meterLabel(meter).toLowerCase()} calls costs`}>
      <Table
        caption="Price of a month by plan and number of calls"
        rows={MONTHS}
        rowKey={String}
        empty={null}
        cards={false}
        columns={[
          { key: "units", label: "Calls", header: true, cell: (units) => <Units units={units} /> },
          ...plans.map((plan) => ({
            key: plan.planRevision,
            label: plan.name,
            end: true,
            cell: (units: bigint) =>
              isServed(plan, meter, units)
                ? (
                  <Money
                    amount={fromMinor(priceStatement(plan, new Map([[meter, units]])).totalMinor)}
                    currency={plan.currency}
                  />
                )
                : <span class="muted">not served</span>,
          })),
        ]}
      />
    </Card>
  );
}

/** A hard quota ends a plan's month before its price does. */
function isServed(plan: PlanVersion, meter: string, units: bigint): boolean {
  const quota = plan.meters.find((one) => one.meter === meter)?.quota ?? null;
  return quota === null || quota.enforcement === "soft" || units <= quota.units;
}

function How() {
  return (
    <section class="band" aria-labelledby="how-title">
      <span class="scale" aria-hidden="true" />
      <h2 id="how-title">What happens to a call</h2>
      <ol class="steps">
        <li>
          <h3>It is rated</h3>
          <p>
            EWMA volatility, value at risk, the PRIIPs risk class, yields, durations, Greeks: each
            figure names its formula and its source.
          </p>
        </li>
        <li>
          <h3>It is counted once</h3>
          <p>
            The reply leaves after the count is durable. A retry with the same idempotency key is
            answered again and never billed again.
          </p>
        </li>
        <li>
          <h3>It is priced at once</h3>
          <p>
            The reply's header carries the cost of this very call, by the same arithmetic that makes
            the invoice at the end of the month.
          </p>
        </li>
        <li>
          <h3>It can be traced</h3>
          <p>
            Every invoice line opens into its price steps, days and calls. The books must balance to
            the unit, and you can see that they do.
          </p>
        </li>
      </ol>
    </section>
  );
}

/** The ladders of the first plan that has some, as a picture and in figures. */
function Ladders({ plans }: { plans: readonly PlanVersion[] }) {
  const plan = plans.find((one) => laddersOf(one).length > 0);
  if (plan === undefined) return null;
  return (
    <div class="stack">
      <h3>The {plan.name} ladder, drawn</h3>
      <div class="grid-2 grid-wide">
        {laddersOf(plan).map((meter) => (
          <Card key={meter.meter} title={meterLabel(meter.meter)} note={priceWords(meter.price)}>
            <TierLadderChart
              meter={meterLabel(meter.meter)}
              price={meter.price}
              currency={plan.currency}
              includedUnits={meter.includedUnits}
              usedUnits={null}
            />
            <PriceTable meter={meter} currency={plan.currency} />
          </Card>
        ))}
      </div>
    </div>
  );
}

function laddersOf(plan: PlanVersion) {
  return plan.meters.filter(({ price }) => price.model === "graduated" || price.model === "volume");
}
