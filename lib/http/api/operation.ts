import type { z } from "zod";
import type { Scope } from "@/lib/auth/scopes.ts";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { Services } from "@/lib/services.ts";

export type ApiMethod = "GET" | "POST" | "PUT" | "PATCH";

/**
 * One operation of the tenant API, said once: the router serves it, openapi.json describes it, and a
 * test holds both against the route files.
 */
export interface Operation {
  readonly id: string;
  readonly method: ApiMethod;
  /** OpenAPI template, e.g. `/v1/prices/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Scope;
  /** Feature word that the plan must grant. */
  readonly feature?: string;
  readonly request?: RequestShape;
  readonly query?: z.ZodObject;
  readonly answer: { readonly status: number; readonly description: string };
  /** Problem codes beyond those that every operation can answer with. */
  readonly problems: readonly string[];
  /**
   * Meters that a call may be billed on, with the most units it can use; quotas are reserved for
   * these and settled to what was used.
   */
  demand?(call: ApiCall): ReadonlyMap<MeterName, Units>;
  run(call: ApiCall): Promise<ApiResult> | ApiResult;
}

export interface RequestShape {
  /** `json` is one strict document; `lines` is NDJSON or a JSON array, checked line by line. */
  readonly kind: "json" | "lines";
  readonly types: readonly string[];
  readonly maxBytes: number;
  readonly schema: z.ZodType;
}

/** A request that has passed everything but the operation itself. */
export interface ApiCall {
  readonly services: Services;
  readonly caller: CallerConfig;
  /** Parts and meters that the plan prices. */
  readonly entitledMeters: ReadonlySet<MeterName>;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON for `json`, text for `lines`, `undefined` without a request body. */
  readonly body: unknown;
  readonly req: Request;
  readonly nowMs: number;
}

export interface ApiAnswer {
  /** Overrides the operation's status, e.g. 304. */
  readonly status?: number;
  /** Plain JSON without bigint, or `WrittenJson`; `null` is no body. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly units?: ReadonlyMap<MeterName, Units>;
  /** Units that the operation made durable itself, for the request log. */
  readonly counted?: ReadonlyMap<MeterName, Units>;
  /** `false`: carried out again in place of being replayed, because that is safe and tells more. */
  readonly isKept?: boolean;
}

/** JSON that stands as text already. */
export class WrittenJson {
  constructor(readonly text: string) {}
}

export type ApiResult = Result<ApiAnswer>;

const JSON_TYPES = ["application/json"];

export function jsonRequest(schema: z.ZodType, maxBytes = 1_048_576): RequestShape {
  return { kind: "json", types: JSON_TYPES, maxBytes, schema };
}

/** Units in JSON: a number where that is exact, else text. */
export function jsonUnits(units: Units): number | string {
  const number = Number(units);
  return Number.isSafeInteger(number) ? number : units.toString();
}
