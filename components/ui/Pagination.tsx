import type { ComponentChildren } from "preact";
import { ButtonLink } from "./Button.tsx";

/** Cursors only go forward; the first page is always one step away. */
export function Pagination(
  { firstHref, nextHref, order = "time", children }: {
    firstHref: string | null;
    nextHref: string | null;
    /** Rows are newest first, or in an order of their own. */
    order?: "time" | "own";
    children?: ComponentChildren;
  },
) {
  const words = WORDS[order];
  if (firstHref === null && nextHref === null && children === undefined) return null;
  return (
    <nav class="pagination" aria-label="Pages">
      <span>{children}</span>
      <span class="row">
        {firstHref !== null && <ButtonLink href={firstHref} size="sm">{words.first}</ButtonLink>}
        {nextHref !== null && <ButtonLink href={nextHref} size="sm">{words.next}</ButtonLink>}
      </span>
    </nav>
  );
}

const WORDS = {
  time: { first: "Newest", next: "Older" },
  own: { first: "First page", next: "Next page" },
} as const;
