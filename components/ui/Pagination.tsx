import type { ComponentChildren } from "preact";
import { ButtonLink } from "./Button.tsx";

/** Cursors only go forward; the first page is always one step away. */
export function Pagination(
  { firstHref, nextHref, order = "time", words = WORDS[order], children }: {
    firstHref: string | null;
    nextHref: string | null;
    /** Rows are newest first, or in an order of their own. */
    order?: "time" | "own";
    /** In another language than English. */
    words?: PageWords;
    children?: ComponentChildren;
  },
) {
  if (firstHref === null && nextHref === null && children === undefined) return null;
  return (
    <nav class="pagination" aria-label={words.label}>
      <span>{children}</span>
      <span class="row">
        {firstHref !== null && <ButtonLink href={firstHref} size="sm">{words.first}</ButtonLink>}
        {nextHref !== null && <ButtonLink href={nextHref} size="sm">{words.next}</ButtonLink>}
      </span>
    </nav>
  );
}

interface PageWords {
  readonly label: string;
  readonly first: string;
  readonly next: string;
}

const WORDS: Readonly<Record<"time" | "own", PageWords>> = {
  time: { label: "Pages", first: "Newest", next: "Older" },
  own: { label: "Pages", first: "First page", next: "Next page" },
};
