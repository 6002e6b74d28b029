import { accept, refuse, type Result } from "../domain/result.ts";
import { type Method, method, METHODS } from "../domain/rating/methods.ts";
import { ENGINE_VERSION } from "../domain/rating/rate_instrument.ts";
import type { RatingProblem } from "./problems.ts";

/** Every method behind the engine's numbers. */
export function listMethods(): {
  readonly engine_version: string;
  readonly methods: readonly Method[];
} {
  return { engine_version: ENGINE_VERSION, methods: METHODS };
}

export function getMethod(id: string): Result<Method, RatingProblem> {
  const found = method(id);
  if (found !== null) return accept(found);
  return refuse({
    code: "method_not_found",
    detail: `There is no method ${id}. GET /v1/methods lists them all`,
  });
}
