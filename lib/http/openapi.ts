import { z } from "zod";
import { SCOPES } from "@/lib/auth/scopes.ts";
import type { Operation } from "./api/operation.ts";
import { OPERATIONS } from "./api/operations.ts";
import { problemType } from "./problem.ts";

/** Problems that any operation can answer with. */
const COMMON_PROBLEMS = [
  "missing_credential",
  "invalid_credential",
  "revoked_credential",
  "expired_credential",
  "scope_missing",
  "tenant_suspended",
  "payment_overdue",
  "rate_limited",
  "internal_error",
  "unavailable",
];
const BODY_PROBLEMS = [
  "unsupported_media_type",
  "body_too_large",
  "malformed_json",
  "validation_failed",
  "idempotency_key_invalid",
  "idempotency_key_reused",
  "reply_too_large",
];
const METER_PROBLEMS = ["quota_exceeded", "budget_exceeded"];

/** The OpenAPI 3.1 description of the tenant API, made from the operations that are served. */
export function openApiDocument({ baseUrl }: { readonly baseUrl: string }) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const path = paths[operation.path] ??= {};
    path[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Clawmeter tenant API",
      version: "1.0.0",
      license: { name: "MIT", identifier: "MIT" },
      description: "Rates financial instruments; every rated part is metered and billed once. " +
        "Results are indicative and not credit ratings.",
    },
    servers: [{ url: baseUrl }],
    security: [{ bearer: [] }],
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An API key (`cm_live_…`, `cm_test_…`) or a JWT of a registered issuer. " +
            `Scopes: ${Object.keys(SCOPES).join(", ")}`,
        },
      },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

function describe(operation: Operation): Record<string, unknown> {
  const { id, tag, summary, description, scope, feature, request, query } = operation;
  const metered = operation.demand !== undefined;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [
      description,
      `Scope \`${scope}\`${feature === undefined ? "" : `; the plan must grant \`${feature}\``}.`,
    ].filter((text) => text !== undefined).join("\n\n"),
    parameters: [
      ...pathParameters(operation.path),
      ...query === undefined ? [] : queryParameters(query),
      ...request === undefined ? [] : [IDEMPOTENCY_PARAMETER],
    ],
    ...(request === undefined ? {} : {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          request.types.map((type) => [type, { schema: jsonSchema(request.schema) }]),
        ),
      },
    }),
    responses: {
      [operation.answer.status]: {
        description: operation.answer.description,
        headers: metered ? METER_HEADERS : {},
        content: { "application/json": { schema: { type: "object" } } },
      },
      ...problemResponses(operation, metered),
    },
  };
}

function problemResponses(operation: Operation, metered: boolean): Record<string, unknown> {
  const codes = new Set([
    ...COMMON_PROBLEMS,
    ...operation.request === undefined ? [] : BODY_PROBLEMS,
    ...operation.feature === undefined ? [] : ["feature_not_in_plan"],
    ...metered ? METER_PROBLEMS : [],
    ...operation.problems,
  ]);
  return describeProblems(codes);
}

/** One response per status, naming its codes. */
export function describeProblems(codes: Iterable<string>): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => problemType(code).status);
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, {
    description: group.map((code) => `\`${code}\``).join(", "),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  }]));
}

export function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

export function queryParameters(query: z.ZodObject): unknown[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: jsonSchema(z.object({ value: schema })).properties?.value ?? {},
  }));
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
}

export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest as JsonSchema;
}

export const IDEMPOTENCY_PARAMETER = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The request is carried out once: within 24 hours the same request gets the " +
    "stored answer and bills nothing, and another one under this key is refused.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

const METER_HEADERS = {
  "Clawmeter-Units": { description: "Units billed", schema: { type: "integer" } },
  "Clawmeter-Cost": {
    description: "Marginal price of this call in the plan's currency, a decimal",
    schema: { type: "string" },
  },
  "Clawmeter-Remaining": {
    description: "Units left of the tightest quota of this call",
    schema: { type: "integer" },
  },
  "RateLimit": { description: "draft-ietf-httpapi-ratelimit-headers", schema: { type: "string" } },
};

export const PROBLEM_SCHEMA = {
  type: "object",
  required: ["type", "title", "status", "detail", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What to change" },
    code: { type: "string", description: "Stable; branch on this" },
    pointer: { type: "string", description: "JSON Pointer into the body" },
    request_id: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: {
          code: { type: "string" },
          detail: { type: "string" },
          pointer: { type: "string" },
        },
      },
    },
  },
};
