import { STATUS_CODES } from "node:http";
import { type ErrorStatus, HttpError } from "../error.ts";
import { BARE, type Chain, type Step, type Target } from "./chain.ts";
import type { RouteEntry } from "./router.ts";

/** Where requests go that no handler takes: through the root middlewares to a refusal. */
export class DefaultTargets {
  readonly notFound: Target;
  readonly #unmatched: Chain;
  readonly #byEntry = new Map<
    RouteEntry<Target>,
    { wrongMethod: Target; options: Target }
  >();

  constructor(unmatched: Chain) {
    this.#unmatched = unmatched;
    this.notFound = { route: null, chain: [...unmatched, refuse(404)] };
  }

  /** The path exists, the method does not: 405, or for OPTIONS the list of methods. */
  noMethod(entry: RouteEntry<Target>, method: string): Target {
    let targets = this.#byEntry.get(entry);
    if (targets === undefined) {
      const to = (step: Step): Target => ({
        route: entry.pattern,
        chain: [...this.#unmatched, step],
      });
      targets = { wrongMethod: to(refuse(405)), options: to(allow([...entry.byMethod.keys()])) };
      this.#byEntry.set(entry, targets);
    }
    return method === "OPTIONS" ? targets.options : targets.wrongMethod;
  }
}

/** The answer when no error route took what was thrown. */
export function answerError(error: unknown): Response {
  const isHttpError = error instanceof HttpError;
  // deno-lint-ignore no-console
  if (!isHttpError || error.status >= 500) console.error(error);
  if (!isHttpError) return new Response("Internal server error", { status: 500 });
  const message = error.message || STATUS_CODES[error.status] || "";
  return new Response(message, { status: error.status });
}

function refuse(status: ErrorStatus): Step {
  return {
    frame: BARE,
    run: () => {
      throw new HttpError(status);
    },
  };
}

function allow(methods: string[]): Step {
  const headers = { allow: methods.join(", ") };
  return {
    frame: BARE,
    run: () => new Response(null, { status: 204, headers }),
  };
}
