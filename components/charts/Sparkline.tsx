import { linePath } from "./scale.ts";

/** A trend as big as a word; `label` says what the curve says. */
export function Sparkline(
  { values, errors, label }: {
    values: readonly number[];
    errors?: readonly number[];
    label: string;
  },
) {
  const max = Math.max(1, ...values);
  const line = linePath(values, max);
  return (
    <svg
      class="spark"
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path class="area" d={`${line}L100 100L0 100Z`} />
      <path class="line" d={line} />
      {errors !== undefined && errors.some((count) => count > 0) && (
        <path class="line errors" d={linePath(errors, max)} />
      )}
    </svg>
  );
}
