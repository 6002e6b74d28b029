import { z } from "zod";

const action = z.discriminatedUnion("kind", [
  /** The effect happens; the connection breaks before the reply. */
  z.strictObject({ kind: z.literal("lose_reply") }),
  /** 500, and nothing happened. Saved under the idempotency key like any v1 reply. */
  z.strictObject({ kind: z.literal("error_before") }),
  /** 500, and the effect happened. */
  z.strictObject({ kind: z.literal("error_after") }),
  z.strictObject({
    kind: z.literal("rate_limit"),
    retryAfterSeconds: z.number().int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("lock_timeout") }),
  z.strictObject({ kind: z.literal("delay"), ms: z.number().int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal("unauthorized") }),
  z.strictObject({ kind: z.literal("forbidden") }),
  z.strictObject({ kind: z.literal("refuse"), code: z.string(), message: z.string().optional() }),
  /** The meter event is accepted, and refused later with this code. */
  z.strictObject({ kind: z.literal("refuse_later"), code: z.string() }),
]);

export const fault = z.strictObject({
  method: z.enum(["GET", "POST", "DELETE"]).optional(),
  /** A prefix of the path, e.g. `/v1/billing/meter_events`. */
  path: z.string().startsWith("/").optional(),
  action,
  /** How many matching calls it hits, 1 when absent. */
  times: z.number().int().min(1).optional(),
  /** How many matching calls pass first. */
  skip: z.number().int().min(0).optional(),
});

export type Fault = z.output<typeof fault>;
export type FaultAction = Fault["action"];

const MAX_FAULTS = 1_000;

/** Scripted misbehaviour; each fault waits for its call. Kept in memory only. */
export interface FaultScript {
  add(fault: Fault): void;
  clear(): void;
  /** The faults that hit this call, each used up once. */
  take(method: string, path: string): readonly FaultAction[];
  readonly waiting: number;
}

export function createFaultScript(): FaultScript {
  let waiting: { fault: Fault; skip: number; times: number }[] = [];
  return {
    add(fault) {
      if (waiting.length >= MAX_FAULTS) throw new RangeError("Too many faults are waiting");
      waiting.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
    },
    clear() {
      waiting = [];
    },
    take(method, path) {
      const hits: FaultAction[] = [];
      for (const entry of waiting) {
        const { fault } = entry;
        if (fault.method !== undefined && fault.method !== method) continue;
        if (fault.path !== undefined && !path.startsWith(fault.path)) continue;
        if (entry.skip > 0) entry.skip -= 1;
        else {
          entry.times -= 1;
          hits.push(fault.action);
        }
      }
      waiting = waiting.filter((entry) => entry.times > 0);
      return hits;
    },
    get waiting() {
      return waiting.length;
    },
  };
}
