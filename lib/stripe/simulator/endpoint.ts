import type { z } from "zod";
import type { Transaction } from "./state.ts";
import { readParams } from "./params.ts";

/** What an endpoint may ask of the simulator around it. */
export interface Host {
  /** Where browsers find the payment pages, without a trailing slash. */
  readonly baseUrl: () => string;
  /** An unguessable word that belongs to `subject`, for links and temporary keys. */
  readonly token: (subject: string) => string;
  /** How long accepted usage stays out of the summaries. */
  readonly summaryDelayMs: () => number;
  /** A scripted asynchronous refusal of this identifier, or `null`. */
  readonly asyncRefusal: (identifier: string) => string | null;
  /** Which kinds of webhook endpoint are connected. */
  readonly listens: (kind: "snapshot" | "thin") => boolean;
}

/** A transaction and its surroundings: what every change to the simulated account needs. */
export interface Scene {
  readonly tx: Transaction;
  readonly host: Host;
}

export interface Call extends Scene {
  /** Values of the `:name` parts of the path, in order. */
  readonly ids: readonly string[];
  readonly apiVersion: string;
}

export type Reply = Readonly<Record<string, unknown>>;

export type Method = "GET" | "POST" | "DELETE";

export interface Endpoint {
  readonly method: Method;
  readonly path: string;
  readonly answer: (call: Call, raw: unknown) => Reply;
}

/** Binds a path to its parameters and what it does; parameters are read before anything runs. */
export function endpoint<T extends z.ZodType>(
  route: `${Method} /${string}`,
  schema: T,
  run: (call: Call, params: z.output<T>) => Reply,
): Endpoint {
  const [method, path] = route.split(" ");
  if (method !== "GET" && method !== "POST" && method !== "DELETE") {
    throw new TypeError(`Unknown method in ${route}`);
  }
  return { method, path: path ?? "", answer: (call, raw) => run(call, readParams(schema, raw)) };
}

/** The first `:name` part. */
export function idOf(call: Call): string {
  return call.ids[0] ?? "";
}
