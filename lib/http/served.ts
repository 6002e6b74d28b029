import type { Amount, Units } from "@/lib/domain/plan.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { MeterUnits } from "@/lib/ports/traffic.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";
import type { HeaderPair } from "./call_headers.ts";
import { problemType } from "./problem.ts";

/** What a call came to, for the reply, the request log and the metrics. */
export interface Served {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  /** JSON text, or a refusal to be told as a problem. */
  readonly body: string | Refusal;
  readonly caller: CallerConfig | null;
  /** Of the call itself, which its cost is the price of. */
  readonly units: Units;
  /** All units that it made durable, with those of usage events that it carried. */
  readonly counted: MeterUnits;
  readonly cost: Amount;
}

const NO_UNITS: MeterUnits = new Map();

/** A refusal as what a call came to. */
export function refusedCall(
  refusal: Refusal,
  { caller = null, headers = [] }: {
    readonly caller?: CallerConfig | null;
    readonly headers?: readonly HeaderPair[];
  } = {},
): Served {
  const { status } = problemType(refusal.code);
  return { status, headers, body: refusal, caller, units: 0n, counted: NO_UNITS, cost: 0n };
}

/** The stored answer of the same request: it bills nothing. */
export function replayedCall(
  reply: StoredReply,
  { caller, headers }: { readonly caller: CallerConfig; readonly headers: readonly HeaderPair[] },
): Served {
  return {
    status: reply.status,
    headers: [...reply.headers, ["idempotency-replayed", "true"], ...headers],
    body: reply.body,
    caller,
    units: 0n,
    counted: NO_UNITS,
    cost: 0n,
  };
}
