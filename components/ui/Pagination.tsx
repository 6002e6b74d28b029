import type { ComponentChildren } from "preact";
import { ButtonLink } from "./Button.tsx";

/** Cursors only go forward; the first page is always one step away. */
export function Pagination(
  { firstHref, nextHref, children }: {
    firstHref: string | null;
    nextHref: string | null;
    children?: ComponentChildren;
  },
) {
  if (firstHref === null && nextHref === null && children === undefined) return null;
  return (
    <nav class="pagination" aria-label="Pages">
      <span>{children}</span>
      <span class="row">
        {firstHref !== null && <ButtonLink href={firstHref} size="sm">Newest</ButtonLink>}
        {nextHref !== null && <ButtonLink href={nextHref} size="sm">Older</ButtonLink>}
      </span>
    </nav>
  );
}
