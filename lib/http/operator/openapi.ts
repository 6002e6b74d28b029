import { z } from "zod";
import {
  describeProblems,
  IDEMPOTENCY_PARAMETER,
  jsonSchema,
  pathParameters,
  PROBLEM_SCHEMA,
  queryParameters,
} from "../openapi.ts";
import { NOTHING, type OperatorOperation } from "./operation.ts";
import { OPERATOR_OPERATIONS } from "./operations.ts";

/** Problems that any operation can answer with. */
const COMMON_PROBLEMS = [
  "missing_credential",
  "invalid_credential",
  "validation_failed",
  "provider_refused",
  "preview_instance",
  "internal_error",
  "unavailable",
];
const ONCE_PROBLEMS = [
  "idempotency_key_invalid",
  "idempotency_key_reused",
  "idempotency_in_progress",
  "reply_too_large",
  "reply_unreadable",
];
const BODY_PROBLEMS = ["unsupported_media_type", "body_too_large", "malformed_json"];

/** The OpenAPI 3.1 description of the operator API, made from the operations that are served. */
export function operatorOpenApi({ baseUrl }: { readonly baseUrl: string }) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATOR_OPERATIONS) {
    const path = paths[operation.path] ??= {};
    path[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Clawmeter operator API",
      version: "1.0.0",
      license: { name: "MIT", identifier: "MIT" },
      description:
        "Runs tenants, plans, money and the pipeline. Every act is one row of the audit " +
        "log. Times are ISO 8601; units beyond 2^53 are text.",
    },
    servers: [{ url: baseUrl }],
    security: [{ operatorToken: [] }],
    tags: [...new Set(OPERATOR_OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        operatorToken: { type: "http", scheme: "bearer", description: "`OPERATOR_TOKEN`" },
      },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

function describe(operation: OperatorOperation): Record<string, unknown> {
  const { id, method, path, tag, summary, description, input, answer, waits, problems } = operation;
  const isRead = method === "GET";
  const hasBody = !isRead && input !== NOTHING;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...pathParameters(path),
      ...isRead && input instanceof z.ZodObject ? queryParameters(input) : [],
      ...isRead ? [] : [IDEMPOTENCY_PARAMETER],
    ],
    ...(hasBody
      ? {
        requestBody: {
          required: true,
          content: { "application/json": { schema: jsonSchema(input) } },
        },
      }
      : {}),
    responses: {
      [answer.status]: answered(answer.description),
      ...waits === undefined ? {} : { 202: answered(waits) },
      ...describeProblems(
        new Set([
          ...COMMON_PROBLEMS,
          ...isRead ? [] : ONCE_PROBLEMS,
          ...hasBody ? BODY_PROBLEMS : [],
          ...problems,
        ]),
      ),
    },
  };
}

function answered(description: string) {
  return { description, content: { "application/json": { schema: { type: "object" } } } };
}
