import type { ComponentChildren } from "preact";
import { percent } from "./scale.ts";

export interface GaugeProps {
  readonly label: ComponentChildren;
  /** How much of the limit is used, `1` is all of it. */
  readonly share: number;
  /** Where the period will end, if known. */
  readonly projectedShare?: number | undefined;
  /** Says the figures: “420 of 1,000 units”. */
  readonly text: ComponentChildren;
  readonly summary: string;
  /** `limit` warns on the way to the end; `allowance` may be used up, that is what it is for. */
  readonly kind?: "limit" | "allowance";
}

const TICKS = Array.from({ length: 11 }, (_, at) => at / 10);

/** A scale with marks at every tenth; amber from 75 %, red when the limit is reached. */
export function Gauge(
  { label, share, projectedShare, text, summary, kind = "limit" }: GaugeProps,
) {
  const tone = kind === "allowance" ? "fill" : toneOf(share);
  return (
    <div class="gauge">
      <div class="row-between">
        <span class="strong">{label}</span>
        <span>{text}</span>
      </div>
      <svg role="img" aria-label={summary}>
        <rect class="track" width="100%" height="9" rx="2" />
        <rect class={tone} width={percent(share)} height="9" rx="2" />
        {projectedShare !== undefined && projectedShare <= 1 && (
          <line
            class="projection"
            x1={percent(projectedShare)}
            x2={percent(projectedShare)}
            y1="-3"
            y2="12"
          />
        )}
        {TICKS.map((tick, at) => (
          <line
            key={tick}
            class="tick"
            x1={percent(tick)}
            x2={percent(tick)}
            y1="12"
            y2={at % 5 === 0 ? 18 : 15}
          />
        ))}
      </svg>
    </div>
  );
}

function toneOf(share: number): string {
  if (share >= 1) return "fill fill-bad";
  return share >= 0.75 ? "fill fill-warn" : "fill";
}
