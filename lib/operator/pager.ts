import type { Cursors } from "@/lib/auth/cursors.ts";

export interface Pager {
  /** Where the store goes on; `undefined` for the first page. */
  readonly cursor: string | undefined;
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
  const scope = { owner, list: path };
  // A cursor that is not ours, or from before the secret changed, leads to the first page.
  const opened = cursors.open(query.get("cursor"), scope);
  const cursor = opened.ok ? opened.value : undefined;
  const hrefOf = (place: Readonly<Record<string, string>>) => {
    const parameters = new URLSearchParams({ ...filters, ...place });
    return parameters.size === 0 ? path : `${path}?${parameters}`;
  };
  return {
    cursor,
    links: (position) => {
      const next = cursors.seal(position, scope);
      return {
        firstHref: cursor === undefined ? null : hrefOf({}),
        nextHref: next === null ? null : hrefOf({ cursor: next }),
      };
    },
  };
}
