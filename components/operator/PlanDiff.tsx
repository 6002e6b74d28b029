import { meterLabel } from "@/lib/domain/meter.ts";
import type { PlanChange } from "@/lib/domain/plan_diff.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { formatUnits } from "../ui/format.ts";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";

/** What differs between two versions, value by value. */
export function PlanDiff({ changes }: { changes: readonly PlanChange[] }) {
  return (
    <Table
      caption="Differences between the two versions"
      rows={changes}
      rowKey={({ path }) => path.join("/")}
      empty={<EmptyState title="Both versions say the same" icon="plan" />}
      columns={[
        {
          key: "what",
          label: "What",
          header: true,
          cell: ({ path }) => <div class="wide-cell break">{placeOf(path)}</div>,
        },
        {
          key: "before",
          label: "Before",
          cell: ({ before }) =>
            before === null ? <span class="muted">–</span> : (
              <del>
                <Value text={before} />
              </del>
            ),
        },
        {
          key: "after",
          label: "After",
          cell: ({ after }) =>
            after === null ? <span class="muted">–</span> : (
              <ins>
                <Value text={after} />
              </ins>
            ),
        },
      ]}
    />
  );
}

/** Counts in groups of three; words and money as they are. */
function Value({ text }: { text: string }) {
  const { locale } = useViewer();
  if (!/^[\d.]+$/.test(text)) return <span class="break">{text}</span>;
  const count = /^\d{4,15}$/.test(text) ? formatUnits(BigInt(text), locale) : text;
  return <span class="num">{count}</span>;
}

/** `["meters", "risk_score", "price", "tier 2", "unit_amount"]` is "Risk score, tier 2, per unit". */
function placeOf(path: readonly string[]): string {
  const [first = "", ...rest] = path;
  if (first === "features") return `Feature ${rest.join(", ")}`;
  const steps = first === "meters"
    ? [meterLabel(rest[0] ?? ""), ...rest.slice(1).filter((step) => step !== "price")]
    : first === "limits"
    ? rest
    : path;
  const text = steps.map((step) => WORDS[step] ?? step.replaceAll("_", " ")).join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As the editor calls them. */
const WORDS: Readonly<Record<string, string>> = {
  interval: "billed per",
  minimum_commitment: "at least",
  requests_per_second: "requests a second",
  model: "price model",
  unit_amount: "per unit",
  flat_amount: "once",
  package_units: "units in a package",
  package_amount: "price of a package",
  amount: "price of the period",
  up_to: "up to",
};
