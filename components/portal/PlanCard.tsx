import type { ComponentChildren } from "preact";
import type { PlanMeter, PlanVersion } from "@/lib/domain/plan.ts";
import { Icon } from "../ui/Icon.tsx";
import { Money } from "../ui/Money.tsx";
import { formatExact, formatUnits } from "../ui/format.ts";
import { useViewer } from "../ui/viewer.ts";
import { useWords, type Words } from "./words.ts";

/** A plan at a glance, on the public page and when changing plans. */
export function PlanCard(
  { plan, current = false, children }: {
    plan: PlanVersion;
    current?: boolean;
    children?: ComponentChildren;
  },
) {
  const { locale } = useViewer();
  const words = useWords();
  const { say, count } = words;
  return (
    <article class="plan" data-current={current ? "true" : undefined}>
      <div class="stack-sm">
        <h3>
          <bdi>{plan.name}</bdi>
        </h3>
        <p class="price">
          <Money amount={plan.baseFee} currency={plan.currency} />{" "}
          <small>{say(`per_${plan.interval}_plus_usage`)}</small>
        </p>
        <p class="small muted">{plan.description}</p>
      </div>
      {children}
      <ul class="ticks">
        {plan.meters.map((meter) => (
          <li key={meter.meter}>
            <Icon name="check" size={14} />
            <span>{meterLine(plan, meter, { ...words, locale })}</span>
          </li>
        ))}
        <li>
          <Icon name="check" size={14} />
          <span>{count("calls_a_second", plan.limits.requestsPerSecond)}</span>
        </li>
      </ul>
    </article>
  );
}

type CardWords = Words & { readonly locale: string };

/** “Risk scores: 1,000 included, then $0.002 each, up to 50,000 a month”. */
function meterLine(plan: PlanVersion, meter: PlanMeter, words: CardWords): string {
  const { say, meterWords, locale } = words;
  const lead = leadPrice(plan, meter.price, words);
  const price = meter.includedUnits === 0n
    ? lead
    : say("card_included", { units: formatUnits(meter.includedUnits, locale), price: lead });
  const capped = meter.quota?.enforcement === "hard"
    ? say(`card_up_to_${plan.interval}`, { price, units: formatUnits(meter.quota.units, locale) })
    : price;
  return say("card_meter", { meter: meterWords(meter.meter), price: capped });
}

function leadPrice(
  { currency }: PlanVersion,
  price: PlanMeter["price"],
  { say, locale }: CardWords,
): string {
  const exact = (amount: bigint) => formatExact(amount, currency, locale);
  const each = (amount: bigint) =>
    amount === 0n ? say("price_free") : say("price_each", { price: exact(amount) });
  switch (price.model) {
    case "per_unit":
      return each(price.unitAmount);
    case "graduated":
    case "volume": {
      const amounts = price.tiers.map((tier) => tier.unitAmount);
      const first = amounts[0] ?? 0n;
      const least = amounts.reduce((low, one) => one < low ? one : low, first);
      return least === first
        ? each(first)
        : say("price_down_to", { first: exact(first), least: exact(least) });
    }
    case "package":
      return say("price_per", {
        price: exact(price.packageAmount),
        units: formatUnits(price.packageUnits, locale),
      });
    case "flat":
      return say("price_flat_of", { price: exact(price.amount) });
  }
}
