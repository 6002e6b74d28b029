/** Geometry only: figures that people read never pass through these numbers. */
export interface Axis {
  readonly max: number;
  /** From 0 to `max`, evenly spaced. */
  readonly ticks: readonly number[];
}

/** An axis from zero that holds `highest`, with four or so round steps. */
export function niceAxis(highest: number, { whole = true } = {}): Axis {
  if (!(highest > 0)) return { max: 1, ticks: [0, 1] };
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * power >= rough) ?? 10;
  const step = whole ? Math.max(1, Math.ceil(factor * power)) : factor * power;
  const count = Math.ceil(highest / step);
  return {
    max: step * count,
    ticks: Array.from({ length: count + 1 }, (_, at) => at * step),
  };
}

/** A share of 1 as an SVG percentage. */
export function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(3)}%`;
}

/** Which of `count` equal slots holds a place, given as a share of the width; the ends hold the rest. */
export function slotAt(share: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(share * count)));
}

/** Which of `count` labels to print so that about `wanted` remain, evenly spaced. */
export function labelled(at: number, count: number, wanted = 7): "major" | "minor" | "none" {
  const step = Math.max(1, Math.ceil(count / wanted));
  if (at % step !== 0) return "none";
  return at / step % 2 === 0 ? "major" : "minor";
}

/** Points of a line over a 100 by 100 box, y growing downwards. */
export function linePath(values: readonly number[], max: number): string {
  const last = Math.max(1, values.length - 1);
  return values.map((value, at) => {
    const x = (at / last * 100).toFixed(2);
    const y = (100 - Math.min(1, value / max) * 100).toFixed(2);
    return `${at === 0 ? "M" : "L"}${x} ${y}`;
  }).join("");
}
