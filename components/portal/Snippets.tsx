import type { ComponentChildren } from "preact";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { snippetsOf, type SnippetTerms } from "./snippets.ts";

/** `copy` gives each snippet its copy button, an island. */
export function Snippets(
  { terms, copy }: { terms: SnippetTerms; copy?: (code: string) => ComponentChildren },
) {
  return (
    <div class="stack">
      {snippetsOf(terms).map(({ language, code }) => (
        <CodeBlock key={language} title={language} code={code}>{copy?.(code)}</CodeBlock>
      ))}
    </div>
  );
}
