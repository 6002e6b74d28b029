import type { BooksFilter, BooksModel } from "@/components/operator/books/BooksPage.tsx";
import type { BookLine, LedgerEvidence } from "@/lib/ports/usage.ts";
import type { Services } from "@/lib/services.ts";
import { filterText, filterWord, hrefOf } from "./address.ts";
import { type TenantNaming, wantedTenant } from "./find_tenants.ts";
import { pagerOf } from "./pager.ts";
import { recounted } from "./recounted.ts";

export type BooksDeps = Pick<Services, "usage" | "clock" | "cursors"> & TenantNaming;

export const BOOKS_PATH = "/operator/books";
const PAGE_SIZE = 50;
const COUNT_MAX_AGE_MS = 60_000;
const FILTERS: readonly BooksFilter[] = ["all", "differ", "outstanding"];

interface Count {
  readonly asOfMs: number;
  readonly lines: readonly BookLine[];
  readonly evidence: LedgerEvidence;
}

/**
 * All books walk everything that was ever counted, so one count serves everybody, and is made anew
 * behind a page that finds it older than a minute. One tenant's are read anew each time.
 */
export const allBooks = recounted<BooksDeps, Count>(async ({ usage, clock }) => {
  const asOfMs = clock.nowMs();
  const [lines, evidence] = await Promise.all([usage.books(), usage.evidence()]);
  return { asOfMs, lines, evidence };
}, { maxAgeMs: COUNT_MAX_AGE_MS, nowMs: ({ clock }) => clock.nowMs() });

/** One page of lines, and the sum of all that the filters let through. */
export async function loadBooks(deps: BooksDeps, query: URLSearchParams): Promise<BooksModel> {
  const tenantId = await wantedTenant(deps, query);
  const periodId = filterText(query, "period");
  const filter = filterWord(query, { name: "show", words: FILTERS, fallback: "all" });
  const filters = { show: filter === "all" ? "" : filter, tenant: tenantId, period: periodId };
  const place = pagerOf(deps.cursors, { owner: "operator", path: BOOKS_PATH, filters, query });
  const { asOfMs, lines, evidence } = tenantId === ""
    ? await allBooks.read(deps)
    : await ownBooks(deps, tenantId);
  const inPeriod = lines.filter((line) => periodId === "" || line.periodId === periodId);
  const wanted = inPeriod.filter(FITS[filter]);
  // By where a line stands, not by its number: the next page fits also after a new count.
  const { cursor } = place.from;
  const from = cursor === undefined ? 0 : wanted.findIndex((line) => placeOf(line) > cursor);
  const page = from === -1 ? [] : wanted.slice(from, from + PAGE_SIZE);
  const last = page.at(-1);
  const goesOn = last !== undefined && wanted.at(-1) !== last;
  return {
    asOfMs,
    filter,
    tenantId,
    periodId,
    periods: [...new Set(lines.map((line) => line.periodId))].sort().reverse(),
    filters: FILTERS.map((key) => ({
      key,
      href: hrefOf(BOOKS_PATH, { ...filters, show: key === "all" ? "" : key }),
      lines: inPeriod.filter(FITS[key]).length,
    })),
    evidence,
    total: sumOf(wanted),
    lines: page,
    names: await deps.tenants.tenantNames(page.map((line) => line.tenantId)),
    shown: wanted.length,
    ...place.links(goesOn ? placeOf(last) : null),
  };
}

async function ownBooks({ usage, clock }: BooksDeps, tenantId: string) {
  const asOfMs = clock.nowMs();
  return { asOfMs, lines: await usage.books({ tenantId }), evidence: null };
}

const FITS: Readonly<Record<BooksFilter, (line: BookLine) => boolean>> = {
  all: () => true,
  differ: ({ difference, moving }) => difference !== 0n && !moving,
  outstanding: (line) => line.log + line.windows + line.outbox !== 0n,
};

function placeOf({ tenantId, periodId, meter, planRevision }: BookLine): string {
  return JSON.stringify([tenantId, periodId, meter, planRevision]);
}

function sumOf(lines: readonly BookLine[]): BooksModel["total"] {
  const sum = (pick: (line: BookLine) => bigint) =>
    lines.reduce((total, line) => total + pick(line), 0n);
  return {
    acknowledged: sum(({ acknowledged }) => acknowledged),
    adjusted: sum(({ adjusted }) => adjusted),
    log: sum(({ log }) => log),
    windows: sum(({ windows }) => windows),
    outbox: sum(({ outbox }) => outbox),
    sent: sum(({ sent }) => sent),
    rejected: sum(({ rejected }) => rejected),
    confirmed: sum(({ confirmed }) => confirmed),
    writtenOff: sum(({ writtenOff }) => writtenOff),
    difference: sum(({ difference, moving }) => moving ? 0n : difference),
  };
}
