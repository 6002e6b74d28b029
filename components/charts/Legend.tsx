import type { ComponentChildren } from "preact";

export interface LegendItem {
  readonly label: ComponentChildren;
  readonly class: string;
}

export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul class="legend">
      {items.map((item, at) => (
        <li key={at}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect width="10" height="10" rx="2" class={item.class} />
          </svg>
          <span>{item.label}</span>
        </li>
      ))}
    </ul>
  );
}
