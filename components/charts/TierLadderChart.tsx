import type { Price, Units } from "@/lib/domain/plan.ts";
import { drawableAmount, formatCompact, formatExact, formatUnits } from "../ui/format.ts";
import { type Say, sayIn } from "@/lib/i18n/portal/messages.ts";
import { useViewer } from "../ui/viewer.ts";
import { percent } from "./scale.ts";

export interface TierLadderChartProps {
  readonly price: Price;
  readonly currency: string;
  readonly includedUnits: Units;
  /** Where the tenant stands in this period; `null` draws the plan alone. */
  readonly usedUnits: Units | null;
  readonly meter: string;
}

interface Rung {
  readonly fromUnits: Units;
  readonly toUnits: Units | null;
  readonly unitPrice: number;
  readonly priceText: string;
  readonly flatText: string | null;
}

interface RungWords {
  readonly say: Say;
  readonly locale: string;
}

const HEIGHT = 164;
const TOP = 40;
const BOTTOM = 24;

/**
 * A ladder as stairs: width is how many units fall on a rung, height what one of them costs. Widths
 * follow the square root, so that a short first rung and a long last one both stay visible.
 */
export function TierLadderChart(props: TierLadderChartProps) {
  const { locale } = useViewer();
  const say = sayIn(locale);
  const rungs = rungsOf(props, { say, locale });
  const reach = reachOf(rungs, props.usedUnits);
  const x = (units: Units) => Math.sqrt(Number(units) / Number(reach));
  const highest = Math.max(...rungs.map((rung) => rung.unitPrice), Number.MIN_VALUE);
  const plot = HEIGHT - TOP - BOTTOM;
  const used = props.usedUnits;
  const marks = axisMarks([
    ...rungs.flatMap(({ toUnits }) =>
      toUnits === null ? [] : [{ at: x(toUnits), text: formatCompact(toUnits, locale) }]
    ),
    { at: 1, text: say("ladder_units") },
  ]);
  return (
    <div class="ladder">
      <svg height={HEIGHT} role="img" aria-label={summaryOf(props, rungs, { say, locale })}>
        {rungs.map((rung, at) => {
          const left = x(rung.fromUnits);
          const right = rung.toUnits === null ? 1 : x(rung.toUnits);
          const size = Math.max(3, plot * rung.unitPrice / highest);
          const y = TOP + plot - size;
          const active = used !== null && used > rung.fromUnits;
          return (
            <g key={at}>
              <title>{rungTitle(rung, { say, locale })}</title>
              <rect
                class="rung"
                x={percent(left)}
                width={percent(right - left)}
                y={y}
                height={size}
              />
              {active && used !== null && (
                <rect
                  class="rung-used"
                  x={percent(left)}
                  width={percent(Math.min(right, x(used)) - left)}
                  y={y}
                  height={size}
                />
              )}
              <line class="rung-top" x1={percent(left)} x2={percent(right)} y1={y} y2={y} />
            </g>
          );
        })}
        <line class="baseline" x1="0" x2="100%" y1={TOP + plot} y2={TOP + plot} />
        <text x="0" y={HEIGHT - 8}>0</text>
        {marks.map(({ at, text, isMinor }) => (
          <text
            key={at}
            class={isMinor ? "minor-label" : undefined}
            x={percent(at)}
            y={HEIGHT - 8}
            text-anchor={at === 1 ? "end" : "middle"}
          >
            {text}
          </text>
        ))}
        {used !== null && (
          <>
            <line class="you" x1={percent(x(used))} x2={percent(x(used))} y1={8} y2={TOP + plot} />
            <text
              class="you-label"
              x={percent(x(used))}
              dx={x(used) < 0.1 ? 6 : -6}
              y={16}
              text-anchor={x(used) < 0.1 ? "start" : "end"}
            >
              {say("ladder_now")}
            </text>
          </>
        )}
        {rungs.map((rung, at) => {
          const left = x(rung.fromUnits);
          const right = rung.toUnits === null ? 1 : x(rung.toUnits);
          const y = TOP + plot - Math.max(3, plot * rung.unitPrice / highest);
          return (
            <g key={at}>
              {right - left > 0.09 && (
                <text class="rung-price" x={percent(left)} dx="4" y={y - 6}>{rung.priceText}</text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** Shares of the width between two marks: closer ones run into each other, always or on a phone. */
const CROWDED = 0.07;
const CLOSE = 0.2;

/** The marks that have room beside one another; a minor one has it on a wide picture only. */
function axisMarks(marks: readonly { readonly at: number; readonly text: string }[]) {
  let last = 0;
  let lastMajor = 0;
  return marks.flatMap(({ at, text }) => {
    if (at - last < CROWDED) return [];
    last = at;
    const isMinor = at - lastMajor < CLOSE;
    if (!isMinor) lastMajor = at;
    return [{ at, text, isMinor }];
  });
}

function rungsOf(
  { price, currency, includedUnits }: TierLadderChartProps,
  { say, locale }: RungWords,
): readonly Rung[] {
  const offset = includedUnits;
  const free: readonly Rung[] = offset === 0n ? [] : [{
    fromUnits: 0n,
    toUnits: offset,
    unitPrice: 0,
    priceText: say("included"),
    flatText: null,
  }];
  const open = (unitPrice: number, priceText: string): readonly Rung[] => [
    ...free,
    { fromUnits: offset, toUnits: null, unitPrice, priceText, flatText: null },
  ];
  const exact = (amount: bigint) => formatExact(amount, currency, locale);
  switch (price.model) {
    case "per_unit":
      return open(drawableAmount(price.unitAmount, currency), exact(price.unitAmount));
    case "package":
      return open(
        drawableAmount(price.packageAmount, currency) / Number(price.packageUnits),
        say("price_per", {
          price: exact(price.packageAmount),
          units: formatUnits(price.packageUnits, locale),
        }),
      );
    case "flat":
      return [{
        fromUnits: 0n,
        toUnits: null,
        unitPrice: 0,
        priceText: say("price_flat_of", { price: exact(price.amount) }),
        flatText: null,
      }];
    case "graduated":
    case "volume": {
      let fromUnits = offset;
      return [
        ...free,
        ...price.tiers.map((tier) => {
          const toUnits = tier.upTo === null ? null : tier.upTo + offset;
          const rung = {
            fromUnits,
            toUnits,
            unitPrice: drawableAmount(tier.unitAmount, currency),
            priceText: exact(tier.unitAmount),
            flatText: tier.flatAmount === 0n ? null : exact(tier.flatAmount),
          };
          fromUnits = toUnits ?? fromUnits;
          return rung;
        }),
      ];
    }
  }
}

/** The open last rung is drawn as long again as all before it, or as far as the usage goes. */
function reachOf(rungs: readonly Rung[], used: Units | null): Units {
  const bounded = rungs.reduce<Units>((most, rung) => rung.toUnits ?? most, 0n);
  const known = used !== null && used > bounded ? used : bounded;
  const reach = known === 0n ? 1000n : known * 17n / 10n;
  return reach === 0n ? 1n : reach;
}

function rungTitle(rung: Rung, { say, locale }: RungWords): string {
  const price = rung.flatText === null
    ? rung.priceText
    : say("rung_plus_flat", { price: rung.priceText, flat: rung.flatText });
  const from = formatUnits(rung.fromUnits, locale);
  return rung.toUnits === null
    ? say("rung_open", { from, price })
    : say("rung_closed", { from, to: formatUnits(rung.toUnits, locale), price });
}

function summaryOf(
  { meter, usedUnits }: TierLadderChartProps,
  rungs: readonly Rung[],
  words: RungWords,
): string {
  const { say, locale } = words;
  const steps = rungs.map((rung) => rungTitle(rung, words)).join("; ");
  const prices = say("ladder_summary", { meter, steps });
  return usedUnits === null
    ? prices
    : `${prices}. ${say("ladder_used", { units: formatUnits(usedUnits, locale) })}`;
}
