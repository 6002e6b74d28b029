import type { ComponentChildren } from "preact";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { Icon } from "../ui/Icon.tsx";
import { Money } from "../ui/Money.tsx";
import { formatExact, formatUnits } from "../ui/format.ts";
import { useViewer } from "../ui/viewer.ts";
import { meterLabel } from "@/lib/domain/meter.ts";

/** A plan at a glance, on the public page and when changing plans. */
export function PlanCard(
  { plan, current = false, children }: {
    plan: PlanVersion;
    current?: boolean;
    children?: ComponentChildren;
  },
) {
  const { locale } = useViewer();
  return (
    <article class="plan" data-current={current ? "true" : undefined}>
      <div class="stack-sm">
        <h3>
          <bdi>{plan.name}</bdi>
        </h3>
        <p class="price">
          <Money amount={plan.baseFee} currency={plan.currency} />{" "}
          <small>a {plan.interval}, plus usage</small>
        </p>
        <p class="small muted">{plan.description}</p>
      </div>
      {children}
      <ul class="ticks">
        {plan.meters.map((meter) => (
          <li key={meter.meter}>
            <Icon name="check" size={14} />
            <span>
              {meterLabel(meter.meter)}: {meter.includedUnits > 0n &&
                `${formatUnits(meter.includedUnits, locale)} included, then `}
              {leadPrice(plan, meter.price, locale)}
              {meter.quota?.enforcement === "hard" &&
                `, up to ${formatUnits(meter.quota.units, locale)} a ${plan.interval}`}
            </span>
          </li>
        ))}
        <li>
          <Icon name="check" size={14} />
          <span>{formatUnits(plan.limits.requestsPerSecond, locale)} calls a second</span>
        </li>
      </ul>
    </article>
  );
}

function leadPrice(
  { currency }: PlanVersion,
  price: PlanVersion["meters"][number]["price"],
  locale: string,
): string {
  const exact = (amount: bigint) => formatExact(amount, currency, locale);
  const each = (amount: bigint) => amount === 0n ? "free" : `${exact(amount)} each`;
  switch (price.model) {
    case "per_unit":
      return each(price.unitAmount);
    case "graduated":
    case "volume": {
      const amounts = price.tiers.map((tier) => tier.unitAmount);
      const first = amounts[0] ?? 0n;
      const least = amounts.reduce((low, one) => one < low ? one : low, first);
      return least === first ? each(first) : `${exact(first)} down to ${exact(least)} each`;
    }
    case "package":
      return `${exact(price.packageAmount)} per ${formatUnits(price.packageUnits, locale)}`;
    case "flat":
      return `${exact(price.amount)} flat`;
  }
}
