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
