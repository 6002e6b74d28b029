import type { z } from "zod";
import { noSuch } from "./refusal.ts";
import type { page } from "./params.ts";

export type PageParams = { [K in keyof typeof page]?: z.output<(typeof page)[K]> | undefined };

const DEFAULT_LIMIT = 10;

/** A page of Stripe's cursor pagination; `items` come newest first. */
export function listPage<T extends { readonly id: string }>(
  items: readonly T[],
  { params, url, render }: {
    params: PageParams;
    url: string;
    render: (item: T) => Record<string, unknown>;
  },
): Record<string, unknown> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  let start = 0;
  if (params.starting_after !== undefined) {
    start = indexOf(items, params.starting_after, "starting_after") + 1;
  } else if (params.ending_before !== undefined) {
    const end = indexOf(items, params.ending_before, "ending_before");
    const first = Math.max(0, end - limit);
    return pageOf(items.slice(first, end), { url, render, hasMore: first > 0 });
  }
  const shown = items.slice(start, start + limit);
  return pageOf(shown, { url, render, hasMore: start + limit < items.length });
}

/** A list inside another object: its first page, with the address of the rest. */
export function nestedList<T>(
  items: readonly T[],
  url: string,
  render: (item: T) => Record<string, unknown>,
): Record<string, unknown> {
  const shown = items.slice(0, DEFAULT_LIMIT);
  return pageOf(shown, { url, render, hasMore: items.length > shown.length });
}

export function newestFirst<T>(items: Iterable<T>): T[] {
  return [...items].reverse();
}

function pageOf<T>(
  items: readonly T[],
  { url, render, hasMore }: {
    url: string;
    render: (item: T) => Record<string, unknown>;
    hasMore: boolean;
  },
): Record<string, unknown> {
  return { object: "list", url, has_more: hasMore, data: items.map(render) };
}

function indexOf(items: readonly { readonly id: string }[], id: string, param: string): number {
  const at = items.findIndex((item) => item.id === id);
  if (at < 0) throw noSuch("object", id, param);
  return at;
}
