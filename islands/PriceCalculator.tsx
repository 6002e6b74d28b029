// An island because its answer follows the typing; without it, the plan page's tables say the same.
import { useSignal } from "@preact/signals";
import type { Price, Units } from "@/lib/domain/plan.ts";
import { priceUnits } from "@/lib/domain/pricing.ts";
import { formatMinor } from "@/lib/domain/money.ts";
import { MAX_UNITS } from "@/lib/domain/tiers.ts";

export interface PriceCalculatorProps {
  readonly currency: string;
  readonly locale: string;
  readonly baseFeeMinor: bigint;
  readonly words: CalculatorWords;
  readonly meters: readonly {
    readonly meter: string;
    /** Names the field, e.g. “Risk scores, units”. */
    readonly label: string;
    readonly price: Price;
    readonly includedUnits: Units;
    readonly units: Units;
  }[];
}

/** Texts in the viewer's language. */
export interface CalculatorWords {
  readonly baseFee: string;
  readonly together: string;
  readonly wholeNumbers: string;
}

export function PriceCalculator(props: PriceCalculatorProps) {
  const { currency, locale, baseFeeMinor, words, meters } = props;
  const inputs = useSignal(meters.map(({ units }) => units.toString()));
  const lines = meters.map(({ price, includedUnits }, at) => {
    const units = parseUnits(inputs.value[at] ?? "");
    return units === null ? null : priceUnits(price, includedUnits, units).amountMinor;
  });
  const total = lines.reduce<bigint | null>(
    (sum, line) => sum === null || line === null ? null : sum + line,
    baseFeeMinor,
  );
  const change = (at: number, text: string) => {
    inputs.value = inputs.value.map((old, index) => index === at ? text : old);
  };
  return (
    <div class="form">
      <div class="fields">
        {meters.map(({ meter, label }, at) => (
          <div class="field" key={meter}>
            <label for={`calc-${meter}`}>{label}</label>
            <input
              class="input num"
              id={`calc-${meter}`}
              inputMode="numeric"
              autocomplete="off"
              value={inputs.value[at]}
              aria-invalid={lines[at] === null ? "true" : undefined}
              aria-describedby={`calc-${meter}-cost`}
              onInput={(event) => change(at, event.currentTarget.value)}
            />
            <span class="hint num" id={`calc-${meter}-cost`}>
              {typeof lines[at] === "bigint"
                ? formatMinor(lines[at], currency, locale)
                : words.wholeNumbers}
            </span>
          </div>
        ))}
      </div>
      <ul class="ledger-lines" aria-live="polite">
        <li>
          <span>{words.baseFee}</span>
          <span class="num">{formatMinor(baseFeeMinor, currency, locale)}</span>
        </li>
        <li>
          <span>{words.together}</span>
          <span class="num">{total === null ? "–" : formatMinor(total, currency, locale)}</span>
        </li>
      </ul>
    </div>
  );
}

/** Digits with the separators that people paste: blanks, commas, dots, apostrophes, underscores. */
function parseUnits(text: string): bigint | null {
  const digits = text.replace(/[\s.,'_\u2019]/g, "");
  if (!/^\d{1,16}$/.test(digits)) return null;
  const units = BigInt(digits);
  return units <= MAX_UNITS ? units : null;
}
