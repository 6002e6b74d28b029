import type { ComponentChildren } from "preact";

export interface StatProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
}

/** A row of figures under one set of rules. */
export function Stats({ children }: { children: ComponentChildren }) {
  return <dl class="stats">{children}</dl>;
}

export function Stat({ label, value, note }: StatProps) {
  return (
    <div class="stat">
      <dt>{label}</dt>
      <dd class="value">{value}</dd>
      {note !== undefined && <dd class="note">{note}</dd>}
    </div>
  );
}
