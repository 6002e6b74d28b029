import type { PlanChange } from "@/lib/domain/plan_diff.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Table } from "../ui/Table.tsx";

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
          cell: ({ path }) => <span class="break">{path.map(words).join(", ")}</span>,
        },
        {
          key: "before",
          label: "Before",
          cell: ({ before }) =>
            before === null ? <span class="muted">–</span> : <del class="break num">{before}</del>,
        },
        {
          key: "after",
          label: "After",
          cell: ({ after }) =>
            after === null ? <span class="muted">–</span> : <ins class="break num">{after}</ins>,
        },
      ]}
    />
  );
}

function words(step: string): string {
  return step.replaceAll("_", " ");
}
