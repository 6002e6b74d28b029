/** A good request of every operation of the tenant API that sends a body. */
import { type ApiWorld, OPERATOR_TOKEN, type TestTenant } from "./api_world.ts";
import { closesOf } from "./api_samples.ts";

export const ISIN = "US0378331005";
const DAY_MS = 86_400_000;

export interface SampleCall {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
  /** The same with something else in it. */
  readonly other: string;
}

/** By operation id; what is stored before them is in `prepareTenant`. */
export function tenantCalls(nowMs: number): Readonly<Record<string, SampleCall>> {
  const rate = { instrument: ISIN, include: ["risk_score"] };
  const quote = { last: "101.5", timestamp: iso(nowMs - 1_000) };
  const history = { closes: closesOf(1_280) };
  const later = { closes: [0, 1].map((day) => close(nowMs - (1 - day) * DAY_MS)) };
  const list = {
    kind: "restricted",
    as_of: "2026-01-01",
    entries: [{ id: "1", name: "Somebody" }],
  };
  const subjects = [{ names: ["Somebody"] }];
  return {
    rateInstrument: json("POST", "/v1/ratings", rate, { ...rate, include: ["compliance"] }),
    rateInstruments: json("POST", "/v1/ratings/batch", { items: [rate, rate] }, { items: [rate] }),
    putPrice: json("PUT", `/v1/prices/${ISIN}`, quote, { ...quote, last: "102" }),
    putPrices: {
      method: "POST",
      path: "/v1/prices",
      type: "application/x-ndjson",
      body: JSON.stringify({ id: ISIN, ...quote }),
      other: JSON.stringify({ id: ISIN, ...quote, last: "102" }),
    },
    putHistory: json("PUT", `/v1/prices/${ISIN}/history`, history, later),
    appendHistory: json("PATCH", `/v1/prices/${ISIN}/history`, later, {
      closes: later.closes.slice(0, 1),
    }),
    putInstrument: json("PUT", "/v1/instruments/FR0000120271", { isin: "FR0000120271" }, {
      isin: "FR0000120271",
      currency: "EUR",
    }),
    validateIdentifiers: json(
      "POST",
      "/v1/identifiers/validate",
      { identifiers: [{ type: "isin", value: ISIN }] },
      { identifiers: [{ type: "isin", value: "FR0000120271" }] },
    ),
    putList: json("PUT", "/v1/lists/mine", list, { ...list, as_of: "2026-01-02" }),
    screenSubjects: json("POST", "/v1/screening", { subjects }, {
      subjects: [...subjects, { names: ["Nobody"] }],
    }),
    sendEvents: {
      method: "POST",
      path: "/v1/events",
      type: "application/cloudevents-batch+json",
      body: JSON.stringify([usageEvent("a"), usageEvent("b")]),
      other: JSON.stringify([usageEvent("a")]),
    },
  };
}

export function usageEvent(id: string, change: Readonly<Record<string, unknown>> = {}) {
  return {
    specversion: "1.0",
    id,
    source: "/jobs",
    type: "usage",
    data: { meter: "risk_score", units: 3 },
    ...change,
  };
}

/** A tenant whose plan meters every sample, with an instrument, five years of closes and lists. */
export async function prepareTenant(world: ApiWorld, tenantId: string): Promise<TestTenant> {
  const meters = ["risk_score", "compliance", "price_feed", "screening"].map((meter) => ({
    meter,
    price: { model: "per_unit" as const, unitAmount: 10n ** 12n },
    includedUnits: 0n,
    quota: null,
  }));
  const tenant = await world.tenant(tenantId, { meters });
  const put = async (path: string, body: unknown, key = tenant.key) => {
    const reply = await world.send({ method: "PUT", path, key, json: body });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.text}`);
  };
  const terms = { isin: ISIN, cfi_code: "ESVUFR", currency: "USD", mic: "XNAS" };
  await put(`/v1/instruments/${ISIN}`, terms);
  await put(`/v1/prices/${ISIN}/history`, { closes: closesOf(1_280) });
  const entries = [{ id: "1", name: "Somebody" }];
  const list = { kind: "sanctions", as_of: "2026-01-01", entries };
  await put("/operator/v1/lists/world", list, OPERATOR_TOKEN);
  // Screening goes on behind the answer, and writes: whoever compares the database must not meet it.
  await world.runtime.services.listLoads.settled();
  return tenant;
}

function json(method: string, path: string, body: unknown, other: unknown): SampleCall {
  const text = { body: JSON.stringify(body), other: JSON.stringify(other) };
  return { method, path, type: "application/json", ...text };
}

function close(atMs: number) {
  return { date: iso(atMs).slice(0, 10), close: "170.25" };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
