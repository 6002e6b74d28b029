import type { LineModel } from "@/components/portal/LinePage.tsx";
import { type ExplainDeps, explainHour, explainLine } from "@/lib/billing/explain_line.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { languageOf } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";
import { alignRange } from "./usage_range.ts";
import { usageSeries } from "./usage_series.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface LineQuery {
  readonly tenant: Tenant;
  readonly currency: string;
  readonly periodId: string;
  readonly lineId: string;
  /** Start of the opened day and hour, as in the address. */
  readonly day: string | null;
  readonly hour: string | null;
}

/** From a line to its days, from a day to its hours, from an hour to its windows and calls. */
export async function loadLine(
  deps: ExplainDeps & { readonly usage: Pick<UsageReader, "books"> },
  { tenant, currency, periodId, lineId, day, hour }: LineQuery,
): Promise<LineModel | null> {
  const { tenantId } = tenant;
  const dayMs = startOf(day, DAY_MS);
  const explained = await explainLine(deps, { tenantId, periodId, lineId, dayMs });
  if (!explained.ok || explained.value.line.meter === null) return null;
  const { line, days, hours, unplacedUnits } = explained.value;
  const { meter } = explained.value.line;
  const path = `/portal/invoices/${periodId}/lines/${encodeURIComponent(lineId)}`;
  const first = days[0]?.startMs ?? Date.parse(`${periodId}T00:00:00Z`);
  const last = days.at(-1)?.startMs ?? first;
  const range = alignRange({ fromMs: first, toMs: last + DAY_MS, granularity: "day" });
  const points = days.map(({ startMs, billedUnits }) => ({ startMs, meter, units: billedUnits }));
  const language = languageOf(tenant.locale);
  const series = usageSeries(points, {
    range,
    order: [meter],
    filters: null,
    label: (name) => meterName(language, name),
  });
  const hourMs = startOf(hour, HOUR_MS);
  const books = await deps.usage.books({ tenantId, periodId });
  return {
    periodId,
    line,
    currency,
    unplacedUnits,
    days: {
      ...series,
      slots: series.slots.map(({ startMs }) => ({ startMs, href: `${path}?day=${startMs}#day` })),
    },
    day: dayMs === null ? null : {
      startMs: dayMs,
      hours: hours.map((one) => ({
        ...one,
        href: `${path}?day=${dayMs}&hour=${one.startMs}#hour`,
      })),
    },
    hour: hourMs === null ? null : {
      startMs: hourMs,
      ...await explainHour(deps, { tenantId, meter, hourStartMs: hourMs }),
    },
    books: books.filter((book) => book.meter === meter && book.planRevision === line.planRevision),
  };
}

function startOf(text: string | null, stepMs: number): number | null {
  if (text === null || !/^\d{1,14}$/.test(text)) return null;
  return Math.floor(Number(text) / stepMs) * stepMs;
}
