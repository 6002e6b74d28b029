import type { ComponentChildren } from "preact";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { useSay } from "../ui/viewer.ts";
import { snippetsOf, type SnippetTerms } from "./snippets.ts";

/** `copy` gives each snippet its copy button, an island. */
export function Snippets(
  { terms, copy }: { terms: SnippetTerms; copy?: (code: string) => ComponentChildren },
) {
  const say = useSay();
  return (
    <div class="stack">
      {snippetsOf(terms).map(({ language, code }) => (
        <CodeBlock key={language} title={say(`snippet_${language}`)} code={code}>
          {copy?.(code)}
        </CodeBlock>
      ))}
    </div>
  );
}
