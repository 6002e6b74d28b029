import type { Cursors } from "@/lib/auth/cursors.ts";
import { hrefOf } from "./address.ts";

export interface Pager {
  /** Where the store goes on; `undefined` for the first page. */
  readonly cursor: string | undefined;
  /** The same as part of a query: empty for the first page. */
  readonly from: { readonly cursor?: string };
  /** Addresses of the pages around this one, for where the store stopped. */
  links(position: string | null): {
    readonly firstHref: string | null;
    readonly nextHref: string | null;
  };
}

/** Pages of a list whose filters stand in its address. */
export function pagerOf(
  cursors: Cursors,
  { path, owner, query, filters }: {
    readonly path: string;
    /** Whose list it is: a cursor opens nobody else's. */
    readonly owner: string;
    readonly query: URLSearchParams;
    readonly filters: Readonly<Record<string, string>>;
  },
): Pager {
  const firstHref = hrefOf(path, filters);
  const scope = { owner, list: firstHref };
  // A cursor that is not ours, of other filters, or from before the secret changed, leads to the
  // first page.
  const opened = cursors.open(query.get("cursor"), scope);
  const cursor = opened.ok ? opened.value : undefined;
  return {
    cursor,
    from: cursor === undefined ? {} : { cursor },
    links: (position) => {
      const next = cursors.seal(position, scope);
      return {
        firstHref: cursor === undefined ? null : firstHref,
        nextHref: next === null ? null : hrefOf(path, { ...filters, cursor: next }),
      };
    },
  };
}
