import { accept } from "@/lib/domain/result.ts";
import { soon } from "@/lib/domain/soon.ts";
import { getMethod, listMethods } from "@/lib/rating/list_methods.ts";
import { rateBatch } from "@/lib/rating/rate_batch.ts";
import { rateOne } from "@/lib/rating/rate_one.ts";
import {
  BATCH_ITEMS_MAX,
  IdentifiersSchema,
  RatingBatchSchema,
  RatingRequestSchema,
  SCREENING_SUBJECTS_MAX,
  ScreeningSchema,
} from "@/lib/rating/schemas.ts";
import { batchJson, ratingJson } from "@/lib/rating/rating_json.ts";
import { screenSubjects } from "@/lib/rating/screen_subjects.ts";
import { validateIdentifiers } from "@/lib/rating/validate_identifiers.ts";
import { RATING_PROBLEMS } from "@/lib/rating/problems.ts";
import { type ApiCall, jsonRequest, type Operation, WrittenJson } from "./operation.ts";

const RATING_CODES = Object.keys(RATING_PROBLEMS);
const BATCH_BYTES_MAX = 8 * 1_048_576;

export const rateInstrument: Operation = {
  id: "rateInstrument",
  method: "POST",
  path: "/v1/ratings",
  tag: "Ratings",
  summary: "Rate one instrument",
  description: "Rates a stored instrument by its id, or terms sent with the call. Each part in " +
    "`include` is a meter of its own and billed only when its status is `ok`.",
  scope: "ratings:read",
  request: jsonRequest(RatingRequestSchema),
  answer: { status: 200, description: "The rating" },
  problems: RATING_CODES,
  demand: (call) => unitsOfEach(call, askedParts(call.body), 1n),
  run: (call) =>
    soon(rateOne(ratingCall(call), call.services.rating), (rated) => {
      if (!rated.ok) return rated;
      const { body, units } = rated.value;
      return accept({ body: new WrittenJson(ratingJson(body)), units });
    }),
};

export const rateInstruments: Operation = {
  id: "rateInstruments",
  method: "POST",
  path: "/v1/ratings/batch",
  tag: "Ratings",
  summary: `Rate up to ${BATCH_ITEMS_MAX} instruments`,
  description: "Each item has its own result or problem; bad items leave the others rated.",
  scope: "ratings:read",
  feature: "batch",
  request: jsonRequest(RatingBatchSchema, BATCH_BYTES_MAX),
  answer: { status: 200, description: "One result per item, in order" },
  problems: RATING_CODES,
  demand: (call) => {
    const items = batchItems(call.body);
    const most = new Map<string, bigint>();
    for (const item of items) {
      for (const [meter, units] of unitsOfEach(call, askedParts(item), 1n)) {
        most.set(meter, (most.get(meter) ?? 0n) + units);
      }
    }
    return most;
  },
  async run(call) {
    const rated = await rateBatch(ratingCall(call), call.services.rating);
    if (!rated.ok) return rated;
    const { items, units } = rated.value;
    return accept({ body: new WrittenJson(batchJson(items)), units });
  },
};

export const screenNames: Operation = {
  id: "screenSubjects",
  method: "POST",
  path: "/v1/screening",
  tag: "Compliance",
  summary: `Screen up to ${SCREENING_SUBJECTS_MAX} subjects against the lists in force`,
  scope: "screening:read",
  request: jsonRequest(ScreeningSchema),
  answer: { status: 200, description: "One outcome per subject, in order" },
  problems: ["validation_failed", "not_entitled", "list_unavailable"],
  demand: (call) => {
    const subjects = field(call.body, "subjects");
    const count = Array.isArray(subjects) ? Math.min(subjects.length, SCREENING_SUBJECTS_MAX) : 0;
    return unitsOfEach(call, ["screening"], BigInt(count));
  },
  async run({ services, caller, body, entitledMeters }) {
    const { tenantId } = caller.tenant;
    return await screenSubjects({ tenantId, body, entitledParts: entitledMeters }, services.rating);
  },
};

export const checkIdentifiers: Operation = {
  id: "validateIdentifiers",
  method: "POST",
  path: "/v1/identifiers/validate",
  tag: "Instruments",
  summary: "Check ISIN, CUSIP, SEDOL, LEI, FIGI, MIC and currency codes",
  scope: "instruments:read",
  request: jsonRequest(IdentifiersSchema),
  answer: { status: 200, description: "One verdict per identifier, in order; never billed" },
  problems: ["validation_failed"],
  run({ body }) {
    const checked = validateIdentifiers(body);
    return checked.ok ? accept({ body: checked.value }) : checked;
  },
};

export const readMethods: Operation = {
  id: "listMethods",
  method: "GET",
  path: "/v1/methods",
  tag: "Ratings",
  summary: "List the methods behind every number",
  scope: "ratings:read",
  answer: { status: 200, description: "Formulas, sources and versions" },
  problems: [],
  run: () => accept({ body: listMethods() }),
};

export const readMethod: Operation = {
  id: "getMethod",
  method: "GET",
  path: "/v1/methods/{id}",
  tag: "Ratings",
  summary: "Explain one method",
  scope: "ratings:read",
  answer: { status: 200, description: "Formula, source and version" },
  problems: ["method_not_found"],
  run({ params }) {
    const found = getMethod(params.id ?? "");
    return found.ok ? accept({ body: found.value }) : found;
  },
};

function ratingCall({ caller, body, entitledMeters, query }: ApiCall) {
  return {
    tenantId: caller.tenant.tenantId,
    body,
    entitledParts: entitledMeters,
    partial: query.get("partial") === "allow" ? "allow" as const : "deny" as const,
    freshness: query.get("freshness") === "latest" ? "latest" as const : "cached" as const,
  };
}

/** Parts that a rating request names; `null` asks for the usual ones. */
function askedParts(body: unknown): readonly string[] | null {
  const include = field(body, "include");
  return Array.isArray(include) ? include.filter((part) => typeof part === "string") : null;
}

function batchItems(body: unknown): readonly unknown[] {
  const items = field(body, "items");
  return Array.isArray(items) ? items.slice(0, BATCH_ITEMS_MAX) : [];
}

function unitsOfEach(
  { entitledMeters }: ApiCall,
  parts: readonly string[] | null,
  units: bigint,
): Map<string, bigint> {
  const asked = parts ?? [...entitledMeters].filter((meter) => meter !== "screening");
  return new Map(
    asked.filter((part) => entitledMeters.has(part)).map((part) => [part, units]),
  );
}

function field(body: unknown, name: string): unknown {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return undefined;
  return Reflect.get(body, name);
}
