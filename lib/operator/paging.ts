import type { Cursors } from "@/lib/auth/cursors.ts";

export interface PagePlace {
  /** Where the store goes on; absent for the first page. */
  readonly from: { readonly cursor?: string };
  links(
    next: string | null,
  ): { readonly firstHref: string | null; readonly nextHref: string | null };
}

/**
 * Which page of a list the address asks for, and the addresses of the first one and the next. A
 * cursor that is not ours, or of a list with other filters, leads to the first page.
 */
export function pagePlace(
  cursors: Cursors,
  { path, filters, query }: {
    readonly path: string;
    readonly filters: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
  },
): PagePlace {
  const scope = { owner: "operator", list: hrefOf(path, filters) };
  const opened = cursors.open(query.get("cursor"), scope);
  const cursor = opened.ok ? opened.value : undefined;
  return {
    from: cursor === undefined ? {} : { cursor },
    links: (position) => {
      const next = cursors.seal(position, scope);
      return {
        firstHref: cursor === undefined ? null : hrefOf(path, filters),
        nextHref: next === null ? null : hrefOf(path, { ...filters, cursor: next }),
      };
    },
  };
}

/** Empty filters are left out. */
export function hrefOf(path: string, filters: Readonly<Record<string, string>>): string {
  const said = Object.entries(filters).filter(([, value]) => value !== "");
  return said.length === 0 ? path : `${path}?${new URLSearchParams(Object.fromEntries(said))}`;
}

const FILTER_LETTERS_MAX = 200;

export function filterText(query: URLSearchParams, name: string): string {
  return (query.get(name) ?? "").trim().slice(0, FILTER_LETTERS_MAX);
}

/** One of a few words that the address may say; `fallback` for anything else. */
export function filterWord<Word extends string>(
  query: URLSearchParams,
  { name, words, fallback }: {
    readonly name: string;
    readonly words: readonly Word[];
    readonly fallback: Word;
  },
): Word {
  const said = query.get(name);
  return words.find((word) => word === said) ?? fallback;
}
