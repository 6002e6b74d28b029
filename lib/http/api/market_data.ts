import { z } from "zod";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { WriteCondition } from "@/lib/ports/rating.ts";
import { getInstrument, putInstrument } from "@/lib/rating/instruments.ts";
import { putList } from "@/lib/rating/lists.ts";
import { putQuotesBulk } from "@/lib/rating/bulk_quotes.ts";
import { appendHistory, getPrice, putHistory, putQuote } from "@/lib/rating/prices.ts";
import {
  BULK_LINES_MAX,
  BulkLineSchema,
  HistorySchema,
  InstrumentTermsSchema,
  ListSchema,
  QuotePutSchema,
} from "@/lib/rating/schemas.ts";
import { problemDocument } from "../problem.ts";
import { entityTag, isUnchanged, writeCondition } from "../conditional.ts";
import { type ApiCall, jsonRequest, type Operation } from "./operation.ts";

const HISTORY_BYTES_MAX = 4 * 1_048_576;
const BULK_BYTES_MAX = 4 * 1_048_576;
const LIST_BYTES_MAX = 16 * 1_048_576;
const WRITE_PROBLEMS = ["validation_failed", "version_mismatch", "conflict"];

export const readPrice: Operation = {
  id: "getPrice",
  method: "GET",
  path: "/v1/prices/{id}",
  tag: "Prices",
  summary: "Read the latest stored price, or the latest one at or before a time",
  scope: "prices:read",
  query: z.object({ at: z.iso.datetime({ offset: true }).optional() }),
  answer: { status: 200, description: "The price; its version is the ETag" },
  problems: ["price_not_found", "validation_failed"],
  async run(call) {
    const at = call.query.get("at");
    const atMs = at === null ? undefined : Date.parse(at);
    if (atMs !== undefined && !Number.isFinite(atMs)) {
      const detail = "`at` is an ISO 8601 time such as 2026-11-23T14:30:00Z";
      return refuse({ code: "validation_failed", detail, pointer: "/at" });
    }
    const found = await getPrice(
      { ...subjectOf(call), ...(atMs === undefined ? {} : { atMs }) },
      call.services.market,
    );
    if (!found.ok) return found;
    const { body, version } = found.value;
    return accept(versioned(call, body, version));
  },
};

export const writeQuote: Operation = {
  id: "putPrice",
  method: "PUT",
  path: "/v1/prices/{id}",
  tag: "Prices",
  summary: "Push one quote",
  description: "An older quote than the stored one is refused unless `allow_backfill` is true.",
  scope: "prices:write",
  feature: "prices:write",
  request: jsonRequest(QuotePutSchema),
  answer: { status: 200, description: "Stored" },
  problems: [...WRITE_PROBLEMS, "out_of_order"],
  async run(call) {
    const condition = conditionOf(call);
    if (!condition.ok) return condition;
    const stored = await putQuote(
      { ...subjectOf(call), body: call.body, ...condition.value },
      call.services.market,
    );
    if (!stored.ok) return stored;
    const { version, isLatest } = stored.value;
    return accept({
      body: { version, is_latest: isLatest },
      headers: { etag: entityTag(version) },
    });
  },
};

export const writeQuotes: Operation = {
  id: "putPrices",
  method: "POST",
  path: "/v1/prices",
  tag: "Prices",
  summary: `Push up to ${BULK_LINES_MAX.toLocaleString("en")} quotes`,
  description: "NDJSON or a JSON array. Each line has its own result; bad lines leave the others.",
  scope: "prices:write",
  feature: "prices:write",
  request: {
    kind: "lines",
    types: ["application/x-ndjson", "application/json"],
    maxBytes: BULK_BYTES_MAX,
    schema: z.array(BulkLineSchema).max(BULK_LINES_MAX),
  },
  answer: { status: 200, description: "One result per line, in order" },
  problems: ["validation_failed", "batch_too_large", "invalid_json"],
  async run({ caller, body, services }) {
    const stored = await putQuotesBulk(
      { tenantId: caller.tenant.tenantId, text: String(body) },
      services.market,
    );
    if (!stored.ok) return stored;
    const lines = stored.value.map((line) =>
      line.ok ? line : { line: line.line, ok: false, problem: problemDocument(line.problem) }
    );
    return accept({ body: { stored: lines.filter(({ ok }) => ok).length, lines } });
  },
};

export const replaceHistory: Operation = {
  ...historyWrite("PUT"),
  id: "putHistory",
  summary: "Replace the price history",
  run: (call) => storeHistory(call, putHistory),
};

export const extendHistory: Operation = {
  ...historyWrite("PATCH"),
  id: "appendHistory",
  summary: "Append closes to the price history",
  run: (call) => storeHistory(call, appendHistory),
};

export const readInstrument: Operation = {
  id: "getInstrument",
  method: "GET",
  path: "/v1/instruments/{isin}",
  tag: "Instruments",
  summary: "Read the stored terms of an instrument",
  scope: "instruments:read",
  answer: { status: 200, description: "The terms; their version is the ETag" },
  problems: ["instrument_not_found"],
  async run(call) {
    const found = await getInstrument(instrumentOf(call), call.services.market);
    if (!found.ok) return found;
    const { value, version } = found.value;
    const body = {
      id: value.instrumentId,
      terms: value.terms,
      updated_at: new Date(value.updatedAtMs).toISOString(),
    };
    return accept(versioned(call, body, version));
  },
};

export const writeInstrument: Operation = {
  id: "putInstrument",
  method: "PUT",
  path: "/v1/instruments/{isin}",
  tag: "Instruments",
  summary: "Store the terms of an instrument, and screen it",
  scope: "instruments:write",
  request: jsonRequest(InstrumentTermsSchema),
  answer: { status: 200, description: "Stored" },
  problems: WRITE_PROBLEMS,
  async run(call) {
    const condition = conditionOf(call);
    if (!condition.ok) return condition;
    const stored = await putInstrument(
      { ...instrumentOf(call), body: call.body, ...condition.value },
      call.services.market,
    );
    if (!stored.ok) return stored;
    const { version } = stored.value;
    return accept({ body: { version }, headers: { etag: entityTag(version) } });
  },
};

export const writeList: Operation = {
  id: "putList",
  method: "PUT",
  path: "/v1/lists/{id}",
  tag: "Compliance",
  summary: "Replace one of your restricted lists; your instruments are screened at once",
  scope: "lists:write",
  request: jsonRequest(ListSchema, LIST_BYTES_MAX),
  answer: { status: 200, description: "In force" },
  problems: WRITE_PROBLEMS,
  async run(call) {
    const condition = conditionOf(call);
    if (!condition.ok) return condition;
    const { tenantId } = call.caller.tenant;
    const stored = await putList(
      {
        scope: { kind: "tenant", tenantId },
        listId: call.params.id ?? "",
        body: call.body,
        ...condition.value,
      },
      call.services.lists,
    );
    if (!stored.ok) return stored;
    const { version } = stored.value;
    return accept({ body: stored.value, headers: { etag: entityTag(version) } });
  },
};

function historyWrite(method: "PUT" | "PATCH"): Omit<Operation, "id" | "summary" | "run"> {
  return {
    method,
    path: "/v1/prices/{id}/history",
    tag: "Prices",
    scope: "prices:write",
    feature: "prices:write",
    request: jsonRequest(HistorySchema, HISTORY_BYTES_MAX),
    answer: { status: 200, description: "Stored" },
    problems: [
      ...WRITE_PROBLEMS,
      "non_positive_price",
      "duplicate_date",
      "descending_dates",
      "too_many_points",
      "frequency_mismatch",
    ],
  };
}

async function storeHistory(call: ApiCall, store: typeof putHistory) {
  const condition = conditionOf(call);
  if (!condition.ok) return condition;
  const stored = await store(
    { ...subjectOf(call), body: call.body, ...condition.value },
    call.services.market,
  );
  if (!stored.ok) return stored;
  const { version, count } = stored.value;
  return accept({ body: { version, count }, headers: { etag: entityTag(version) } });
}

function conditionOf({ req }: ApiCall): Result<WriteCondition> {
  const condition = writeCondition(req);
  if (!condition.ok) return condition;
  return accept(condition.value === undefined ? {} : { ifVersion: condition.value });
}

function versioned({ req }: ApiCall, body: unknown, version: string) {
  const tagged = { etag: entityTag(version), "cache-control": "private, no-cache" };
  return isUnchanged(req, version)
    ? { status: 304, body: null, headers: tagged }
    : { body, headers: tagged };
}

function subjectOf({ caller, params }: ApiCall) {
  return { tenantId: caller.tenant.tenantId, instrumentId: params.id ?? "" };
}

function instrumentOf({ caller, params }: ApiCall) {
  return { tenantId: caller.tenant.tenantId, instrumentId: params.isin ?? "" };
}
