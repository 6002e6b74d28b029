import type { ComponentChildren } from "preact";
import { ButtonLink } from "./Button.tsx";
import { useSay } from "./viewer.ts";

const WORDS = {
  time: { first: "page_newest", next: "page_older" },
  own: { first: "page_first", next: "page_next" },
} as const;

/** Cursors only go forward; the first page is always one step away. */
export function Pagination(
  { firstHref, nextHref, order = "time", children }: {
    firstHref: string | null;
    nextHref: string | null;
    /** Rows are newest first, or in an order of their own. */
    order?: keyof typeof WORDS;
    children?: ComponentChildren;
  },
) {
  const say = useSay();
  if (firstHref === null && nextHref === null && children === undefined) return null;
  const { first, next } = WORDS[order];
  return (
    <nav class="pagination" aria-label={say("pages")}>
      <span>{children}</span>
      <span class="row">
        {firstHref !== null && <ButtonLink href={firstHref} size="sm">{say(first)}</ButtonLink>}
        {nextHref !== null && <ButtonLink href={nextHref} size="sm">{say(next)}</ButtonLink>}
      </span>
    </nav>
  );
}
