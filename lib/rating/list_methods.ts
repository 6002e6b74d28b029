import { accept, refuse, type Result } from "../domain/result.ts";
import { COUNTRY_REGISTRY_DATE } from "../domain/rating/country_registry.ts";
import { CURRENCY_REGISTRY_DATE } from "../domain/rating/currency_registry.ts";
import { type Method, method, METHODS } from "../domain/rating/methods.ts";
import { MIC_REGISTRY_DATE } from "../domain/rating/mic_registry.ts";
import { ENGINE_VERSION } from "../domain/rating/rate_instrument.ts";
import type { RatingProblem } from "./problems.ts";

/** Every method behind the engine's numbers, and the dates of the registries it carries. */
export function listMethods(): {
  readonly engine_version: string;
  readonly registries: Readonly<Record<string, string>>;
  readonly methods: readonly Method[];
} {
  return { engine_version: ENGINE_VERSION, registries: REGISTRIES, methods: METHODS };
}

const REGISTRIES = {
  iso_3166: COUNTRY_REGISTRY_DATE,
  iso_4217: CURRENCY_REGISTRY_DATE,
  iso_10383_subset: MIC_REGISTRY_DATE,
} as const;

export function getMethod(id: string): Result<Method, RatingProblem> {
  const found = method(id);
  if (found !== null) return accept(found);
  return refuse({
    code: "method_not_found",
    detail: `There is no method ${id}. GET /v1/methods lists them all`,
  });
}
