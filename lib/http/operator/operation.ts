import { z } from "zod";
import type { Result } from "@/lib/domain/result.ts";
import type { Services } from "@/lib/services.ts";
import type { Act, Change } from "@/lib/tenancy/act.ts";
import { validate } from "../validate.ts";

/**
 * One operation of the operator API, said once: the router serves it, the API's description tells of
 * it, and a test holds both against the route files.
 */
export interface OperatorOperation {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  /** OpenAPI template, e.g. `/operator/v1/tenants/{tenant}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** The query of a GET, the JSON body of anything else. */
  readonly input: z.ZodType;
  /** Of the body; 64 KiB when absent. */
  readonly maxBytes?: number;
  readonly answer: { readonly status: number; readonly description: string };
  /** What 202 means here: noted, and waiting for a second person. */
  readonly waits?: string;
  /** Problem codes beyond those that every operation can answer with. */
  readonly problems: readonly string[];
  /** Checks the input, then does it. Errors: `validation_failed`, and those of `problems`. */
  carryOut(call: OperatorCall<unknown>): Promise<Result<OperatorAnswer>>;
}

/** A request of an operator whose token was accepted. */
export interface OperatorCall<Input> {
  readonly services: Services;
  /** Who does it; for the audit row. */
  readonly act: Act;
  readonly operatorId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly input: Input;
  readonly req: Request;
  readonly nowMs: number;
  /** Names the list that a cursor belongs to. */
  readonly operationId: string;
}

export interface OperatorAnswer {
  /** That of the operation's `answer` when absent. */
  readonly status?: number;
  /** Plain JSON, without bigint. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The audit row of an act whose use case keeps none of its own. */
  readonly note?: Omit<Change, "atMs">;
}

/** For an act that may have to wait for a second person. */
export function waitingAnswer(body: unknown, waits: boolean): OperatorAnswer {
  return waits ? { status: 202, body } : { body };
}

/** An operation without a query or body. */
export const NOTHING = z.strictObject({});

export function operation<Input>(
  { run, ...described }: Omit<OperatorOperation, "input" | "carryOut"> & {
    readonly input: z.ZodType<Input>;
    run(call: OperatorCall<Input>): Promise<Result<OperatorAnswer>>;
  },
): OperatorOperation {
  return {
    ...described,
    async carryOut(call) {
      const parsed = validate(described.input, call.input);
      return parsed.ok ? await run({ ...call, input: parsed.value }) : parsed;
    },
  };
}
