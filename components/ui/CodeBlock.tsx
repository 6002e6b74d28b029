import type { ComponentChildren } from "preact";

/** Text to run as it stands. `children` is room for a copy button. */
export function CodeBlock(
  { title, code, children }: { title: string; code: string; children?: ComponentChildren },
) {
  return (
    <figure class="code">
      <figcaption class="code-head">
        <span>{title}</span>
        {children}
      </figcaption>
      <pre tabIndex={0} aria-label={title}><code>{code}</code></pre>
    </figure>
  );
}
