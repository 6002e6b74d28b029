import type { Instrument } from "../domain/rating/instrument.ts";
import {
  screen,
  type ScreeningIndex,
  type ScreeningOutcome,
  type ScreeningSubject,
} from "../domain/rating/screening.ts";
import type { InstrumentStore } from "../ports/rating.ts";

/**
 * What screening says about a stored instrument. The stored outcome is used while the instrument
 * and every list are still at the versions it was made from; otherwise it is made again and kept.
 */
export async function screenedOutcome(
  store: InstrumentStore,
  subject: {
    tenantId: string;
    instrumentId: string;
    instrument: Instrument;
    instrumentVersion: string;
    indexes: readonly ScreeningIndex[];
  },
): Promise<ScreeningOutcome> {
  const { tenantId, instrumentId, instrument, instrumentVersion, indexes } = subject;
  if (indexes.length === 0) return NOTHING_SCREENED;
  const stored = await store.screening(tenantId, instrumentId);
  if (
    stored !== null && stored.instrumentVersion === instrumentVersion &&
    restsOn(stored.outcome, indexes)
  ) return stored.outcome;
  const outcome = screen(screeningSubject(instrument), indexes);
  await store.putScreening(tenantId, instrumentId, { instrumentVersion, outcome });
  return outcome;
}

export function screeningSubject(instrument: Instrument): ScreeningSubject {
  const { issuer } = instrument;
  return {
    names: present(issuer?.name),
    isins: present(instrument.isin),
    leis: present(issuer?.lei),
    countries: present(issuer?.country),
  };
}

const NOTHING_SCREENED: ScreeningOutcome = { lists: [], hits: [] };

function restsOn(outcome: ScreeningOutcome, indexes: readonly ScreeningIndex[]): boolean {
  return outcome.lists.length === indexes.length &&
    outcome.lists.every((list, i) => {
      const current = indexes[i]?.list;
      return list.listId === current?.listId && list.version === current.version;
    });
}

function present(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [value];
}
