import { assert, assertEquals } from "@std/assert";
import type { ComplianceFlag, CompliancePart } from "@/lib/domain/rating/compliance.ts";
import { rateInstrument, type RatingInput } from "@/lib/domain/rating/rate_instrument.ts";
import { quoteView } from "@/lib/domain/rating/quote.ts";
import type { ListKind, ScreeningOutcome } from "@/lib/domain/rating/screening.ts";
import {
  AS_OF_MS,
  NO_FACTS,
  PARAMETERS,
  sampleInput,
  sampleInstrument,
  sampleQuote,
  sampleStatistics,
} from "@/tests/support/rating_samples.ts";

const HOUR_MS = 3_600_000;

function compliance(more: Partial<RatingInput> = {}): CompliancePart {
  const part =
    rateInstrument(sampleInput({ include: new Set(["compliance"]), ...more })).compliance;
  assert(part?.status === "ok");
  return part;
}

function flagged(code: string, more: Partial<RatingInput>): ComplianceFlag {
  const found = compliance(more).flags.find((flag) => flag.code === code);
  assert(found !== undefined, `${code} is not flagged`);
  return found;
}

function severity(code: string, more: Partial<RatingInput>): string | undefined {
  return compliance(more).flags.find((flag) => flag.code === code)?.severity;
}

const LAST = sampleStatistics().lastClose.toFixed(2);
const NORMAL = quoteView(sampleQuote({ bid: null, ask: null, last: LAST }));

function quoted(more: Parameters<typeof sampleQuote>[0]): Partial<RatingInput> {
  return { view: quoteView(sampleQuote({ bid: null, ask: null, last: LAST, ...more })) };
}

function lists(
  kinds: readonly ListKind[],
  { ageHours = 1, hit }: { ageHours?: number; hit?: { kind: ListKind; score: number } } = {},
): Partial<RatingInput> {
  const outcome: ScreeningOutcome = {
    lists: kinds.map((kind) => ({
      listId: kind,
      kind,
      version: "1",
      asOf: "2026-11-22",
      loadedAtMs: AS_OF_MS - ageHours * HOUR_MS,
    })),
    hits: hit === undefined ? [] : [{
      listId: hit.kind,
      kind: hit.kind,
      entryId: "e1",
      matchedOn: hit.score === 1 ? "lei" : "name",
      score: hit.score,
    }],
  };
  return { screening: outcome };
}

Deno.test("a clean instrument passes, and says what was not evaluated and why", () => {
  const part = compliance({ view: NORMAL });
  assertEquals([part.decision, part.flags], ["pass", []]);
  assert(part.not_evaluated.includes("SANCTIONS.LIST_HIT"));
  assertEquals(part.not_evaluated_reasons["CONC.ISSUER_LIMIT"], "no_limit");
});

Deno.test("every flag carries rule, version, observed value, threshold and a sentence", () => {
  const flag = flagged("PRICE.STALE", quoted({ timestampMs: AS_OF_MS - 16 * 60_000 }));
  assertEquals(flag.rule_id, "price.stale");
  assertEquals(flag.rule_version, "1");
  assertEquals([flag.observed, flag.threshold, flag.unit], [960_000, 900_000, "ms"]);
  assert(flag.message.length > 10);
});

Deno.test("ID.*: wrong check digits, wrong forms and disagreement are found", () => {
  const instrument = (more: Parameters<typeof sampleInstrument>[0]) => ({
    instrument: sampleInstrument(more),
  });
  assertEquals(severity("ID.CHECKSUM_INVALID", instrument({ isin: "US0378331003" })), "critical");
  assertEquals(severity("ID.FORMAT_INVALID", instrument({ figi: "ABC" })), "critical");
  assertEquals(severity("ID.MISMATCH", instrument({ cusip: "594918104" })), "high");
  assertEquals(severity("ID.MIC_UNKNOWN", instrument({ mic: "ZZZZ" })), "warning");
  assertEquals(severity("CCY.UNKNOWN", instrument({ currency: "QQQ" })), "high");
  assertEquals(severity("CCY.WITHDRAWN", instrument({ currency: "HRK" })), "high");
  assert(compliance(instrument({ currency: null })).not_evaluated.includes("CCY.UNKNOWN"));
});

Deno.test("PRICE.*: missing, stale, crossed, non-positive and outlying prices are found", () => {
  assertEquals(severity("PRICE.MISSING", { view: null }), "high");
  assertEquals(severity("PRICE.MISSING", quoted({ timestampMs: AS_OF_MS + 1 })), "high");
  assertEquals(severity("PRICE.STALE", quoted({ timestampMs: AS_OF_MS - 900_000 })), undefined);
  assertEquals(severity("PRICE.STALE", quoted({ timestampMs: AS_OF_MS - 900_001 })), "warning");
  assertEquals(severity("PRICE.STALE", quoted({ timestampMs: AS_OF_MS - 3_600_000 })), "high");
  assertEquals(severity("PRICE.CROSSED", quoted({ bid: "10.01", ask: "10" })), "high");
  assertEquals(severity("PRICE.NON_POSITIVE", quoted({ last: "0" })), "critical");
  assertEquals(severity("PRICE.NON_POSITIVE", quoted({ last: "-37.63" })), "critical");
  const policy = { ...PARAMETERS.policy, allowsNonPositivePrices: true };
  const negative = { ...quoted({ last: "-37.63" }), parameters: { ...PARAMETERS, policy } };
  assertEquals(severity("PRICE.NON_POSITIVE", negative), undefined);
  const statistics = sampleStatistics();
  const sigma = statistics.ewmaDeviation ?? NaN;
  const moved = (sigmas: number) =>
    quoted({ last: (statistics.lastClose * Math.exp(sigmas * sigma)).toFixed(6) });
  assertEquals(severity("PRICE.OUTLIER", moved(3.9)), undefined);
  assertEquals(severity("PRICE.OUTLIER", moved(4.1)), "warning");
  assertEquals(severity("PRICE.OUTLIER", moved(-8.1)), "high");
});

Deno.test("market rules are judged only with the facts they need", () => {
  const facts = (more: Partial<typeof NO_FACTS>) => ({
    ...quoted({ last: "90.00" }),
    parameters: { ...PARAMETERS, facts: { ...NO_FACTS, ...more } },
  });
  assertEquals(
    severity("SSR.TRIGGERED", facts({ isNmsStock: true, previousClose: 100 })),
    "warning",
  );
  assert(compliance(facts({ previousClose: 100 })).not_evaluated.includes("SSR.TRIGGERED"));
  assert(!compliance(facts({ isNmsStock: false })).not_evaluated.includes("SSR.TRIGGERED"));
  const band = { isNmsStock: true, luldReferencePrice: 100, previousClose: 100 } as const;
  assertEquals(severity("LULD.OUTSIDE_BAND", facts({ ...band, luldTier: 1 })), "warning");
  assertEquals(severity("LULD.OUTSIDE_BAND", facts({ ...band, luldTier: 2 })), undefined);
  const tick = { averageDailyTransactions: 10_000, orderPrice: "23.452" };
  assertEquals(severity("PRICE.TICK_SIZE_INVALID", facts(tick)), "warning");
});

Deno.test("SANCTIONS, RESTRICTED and JURIS hits take their severity from list and score", () => {
  const hit = (kind: ListKind, score: number) =>
    lists(["sanctions", kind], { hit: { kind, score } });
  assertEquals(severity("SANCTIONS.LIST_HIT", hit("sanctions", 1)), "critical");
  assertEquals(severity("SANCTIONS.LIST_HIT", hit("sanctions", .96)), "critical");
  assertEquals(severity("SANCTIONS.LIST_HIT", hit("sanctions", .9)), "high");
  assertEquals(severity("RESTRICTED.LIST_HIT", hit("restricted", .9)), "critical");
  assertEquals(severity("JURIS.EMBARGOED", hit("embargoed_countries", 1)), "critical");
  assertEquals(severity("JURIS.HIGH_RISK", hit("high_risk_countries", 1)), "high");
  assertEquals(compliance(hit("sanctions", 1)).decision, "block");
  assertEquals(compliance(hit("sanctions", 1)).list_versions, { sanctions: "2026-11-22" });
});

Deno.test("an old sanctions list is flagged after a day and decides nothing after three", () => {
  const aged = (ageHours: number) =>
    compliance({ view: NORMAL, ...lists(["sanctions"], { ageHours }) });
  assertEquals(aged(24).flags, []);
  assertEquals(aged(25).flags.map((flag) => flag.code), ["LIST.STALE"]);
  assertEquals(aged(25).not_evaluated.includes("SANCTIONS.LIST_HIT"), false);
  assertEquals(aged(73).not_evaluated_reasons["SANCTIONS.LIST_HIT"], "list_expired");
});

Deno.test("PROD, CONC, INSTR, LIQ, CREDIT and DATA flags follow their thresholds", () => {
  const policy = (
    more: Partial<typeof PARAMETERS.policy>,
    facts: Partial<typeof NO_FACTS> = {},
  ) => ({
    parameters: {
      ...PARAMETERS,
      policy: { ...PARAMETERS.policy, ...more },
      facts: { ...NO_FACTS, ...facts },
    },
  });
  assertEquals(severity("PROD.SRI_ABOVE_MANDATE", policy({ sriMax: 3 })), "high");
  assertEquals(severity("PROD.SRI_ABOVE_MANDATE", policy({ sriMax: 4 })), undefined);
  const isNegativeTargetMarket = true;
  const target = { instrument: sampleInstrument({ isNegativeTargetMarket }) };
  assertEquals(severity("PROD.TARGET_MARKET", target), "high");
  const share = policy({ issuerShareMax: .1 }, { issuerPositionValue: 11, portfolioValue: 100 });
  assertEquals(severity("CONC.ISSUER_LIMIT", share), "high");
  assertEquals(severity("LIQ.LOW_ADV", policy({}, { orderQuantity: 300_000 })), "warning");
  assertEquals(severity("LIQ.WIDE_SPREAD", quoted({ bid: "98", ask: "102" })), "warning");
  const credit = (qualityStep: 3 | 4 | 6) => ({
    instrument: sampleInstrument({ credit: { qualityStep } }),
  });
  assertEquals(severity("CREDIT.SUB_IG", credit(4)), "info");
  assertEquals(severity("CREDIT.SUB_IG", credit(3)), undefined);
  assertEquals(severity("CREDIT.DEFAULTED", credit(6)), "high");
  assertEquals(
    severity("DATA.INSUFFICIENT_HISTORY", { statistics: sampleStatistics(400) }),
    "info",
  );
  const issued = { instrument: sampleInstrument({ issueDay: 30_000 }) };
  assertEquals(severity("INSTR.NOT_ISSUED", issued), "high");
});
