import type { ComponentChildren } from "preact";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info";

export function Badge(
  { tone = "neutral", dot = false, children }: {
    tone?: Tone;
    dot?: boolean;
    children: ComponentChildren;
  },
) {
  return <span class={`badge badge-${tone}${dot ? " dot" : ""}`}>{children}</span>;
}
