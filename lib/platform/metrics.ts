/** Values of the labels, in the order in which the metric declares their names. */
type LabelValues = readonly string[];

export interface Counter {
  add(amount?: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

export interface CounterSpec {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface HistogramSpec extends CounterSpec {
  /** Upper bounds, ascending, without infinity. */
  readonly buckets: readonly number[];
}

/** Seconds; from a tenth of a millisecond to ten seconds. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.0001,
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  1,
  10,
];

/** Label sets of one metric; more are counted together under `other`. */
const MAX_CHILDREN = 500;

/**
 * Counts in memory, printed in Prometheus' text format. Callers keep the child that
 * `counter().with(…)` returns, so counting is an addition.
 */
export class Metrics {
  readonly #families: (() => string)[] = [];
  readonly #names = new Set<string>();

  counter(spec: CounterSpec): { with(...labels: LabelValues): Counter } & Counter {
    const family = new Family(spec, () => ({ value: 0 }));
    this.#register(spec.name, () => family.print("counter", ({ value }) => [["", "", value]]));
    const child = (labels: LabelValues): Counter => {
      const cell = family.child(labels);
      return { add: (amount = 1) => void (cell.value += amount) };
    };
    const own = spec.labels === undefined ? child([]) : null;
    return { with: (...labels) => child(labels), add: (amount) => own?.add(amount) };
  }

  histogram(spec: HistogramSpec): { with(...labels: LabelValues): Histogram } & Histogram {
    const { buckets } = spec;
    const family = new Family(spec, () => ({
      counts: new Float64Array(buckets.length + 1),
      sum: 0,
    }));
    this.#register(
      spec.name,
      () => family.print("histogram", ({ counts, sum }) => histogramRows(buckets, counts, sum)),
    );
    const child = (labels: LabelValues): Histogram => {
      const cell = family.child(labels);
      return {
        observe: (value) => {
          let bucket = 0;
          while (bucket < buckets.length && value > (buckets[bucket] ?? Infinity)) bucket++;
          cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
          cell.sum += value;
        },
      };
    };
    const own = spec.labels === undefined ? child([]) : null;
    return { with: (...labels) => child(labels), observe: (value) => own?.observe(value) };
  }

  /** Read when printed; `null` prints nothing. */
  gauge(spec: CounterSpec, read: () => number | null): void {
    this.#readWhenPrinted("gauge", spec, read);
  }

  /** A count that somebody else keeps, read when printed. */
  readCounter(spec: CounterSpec, read: () => number): void {
    this.#readWhenPrinted("counter", spec, read);
  }

  /** `text/plain; version=0.0.4`. */
  text(): string {
    return this.#families.map((print) => print()).join("");
  }

  #readWhenPrinted(type: string, { name, help }: CounterSpec, read: () => number | null): void {
    this.#register(name, () => {
      const value = read();
      return value === null ? "" : `${heading(name, { help, type })}${name} ${value}\n`;
    });
  }

  #register(name: string, print: () => string): void {
    if (this.#names.has(name)) throw new Error(`Metric ${name} is registered twice`);
    this.#names.add(name);
    this.#families.push(print);
  }
}

/** All label sets of one metric. */
class Family<Cell> {
  readonly #children = new Map<string, Cell>();

  constructor(readonly spec: CounterSpec, readonly create: () => Cell) {}

  child(labels: LabelValues): Cell {
    const names = this.spec.labels ?? [];
    const full = this.#children.size >= MAX_CHILDREN;
    const text = names.map((name, at) => `${name}="${escapeLabel(labels[at] ?? "")}"`).join(",");
    const key = full && !this.#children.has(text)
      ? names.map((name) => `${name}="other"`).join(",")
      : text;
    const known = this.#children.get(key) ?? this.create();
    this.#children.set(key, known);
    return known;
  }

  print(
    type: string,
    rows: (cell: Cell) => readonly (readonly [string, string, number])[],
  ): string {
    const { name, help } = this.spec;
    const lines = [...this.#children].flatMap(([labels, cell]) =>
      rows(cell).map(([suffix, extra, value]) => {
        const all = [labels, extra].filter((part) => part !== "").join(",");
        return `${name}${suffix}${all === "" ? "" : `{${all}}`} ${value}\n`;
      })
    );
    return heading(name, { help, type }) + lines.join("");
  }
}

function histogramRows(
  buckets: readonly number[],
  counts: Float64Array,
  sum: number,
): (readonly [string, string, number])[] {
  let total = 0;
  const rows = [...buckets, Infinity].map((bound, at) => {
    total += counts[at] ?? 0;
    return ["_bucket", `le="${bound === Infinity ? "+Inf" : bound}"`, total] as const;
  });
  return [...rows, ["_sum", "", sum], ["_count", "", total]];
}

function heading(name: string, { help, type }: { help: string; type: string }): string {
  return `# HELP ${name} ${
    help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
  }\n# TYPE ${name} ${type}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
