import type { ComponentChildren } from "preact";

export interface Fact {
  readonly term: string;
  readonly value: ComponentChildren;
}

/** Terms and values in two columns. */
export function Facts({ facts, wide = false }: { facts: readonly Fact[]; wide?: boolean }) {
  return (
    <dl class={wide ? "facts facts-wide" : "facts"}>
      {facts.map(({ term, value }) => (
        <>
          <dt key={`t${term}`}>{term}</dt>
          <dd key={`d${term}`}>{value}</dd>
        </>
      ))}
    </dl>
  );
}
