import type { Units } from "@/lib/domain/plan.ts";

/** One metered call as its client means it. */
export interface Call {
  readonly callId: string;
  readonly tenantId: string;
  readonly keyHash: string;
  readonly units: Units;
  /** What makes a retry safe: an idempotency key, an event id, or nothing. */
  readonly guard: "reply" | "event" | null;
  /** When a usage event says that it happened; absent: on its arrival. */
  readonly atMs?: number;
}

export type CallOutcome = "counted" | "refused" | "unavailable";

/** What the client knows in the end. */
export interface CallRecord {
  readonly call: Call;
  acknowledged: boolean;
  /** At least one attempt ended without an answer. */
  unknown: boolean;
}
