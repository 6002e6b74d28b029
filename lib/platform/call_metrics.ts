import type { Units } from "@/lib/domain/plan.ts";
import { type Counter, type Histogram, LATENCY_BUCKETS, type Metrics } from "./metrics.ts";

/** Counts calls of the tenant API by operation and status, their latency, and billed units. */
export interface CallMetrics {
  note(
    operationId: string,
    call: { readonly status: number; readonly seconds: number; readonly units: Units },
  ): void;
}

interface OperationMetrics {
  readonly byStatus: Map<number, Counter>;
  readonly seconds: Histogram;
  readonly units: Counter;
}

export function createCallMetrics(metrics: Metrics): CallMetrics {
  const calls = metrics.counter({
    name: "clawmeter_calls_total",
    help: "Calls of the tenant API",
    labels: ["operation", "status"],
  });
  const seconds = metrics.histogram({
    name: "clawmeter_call_seconds",
    help: "Time from the routed request to its reply",
    labels: ["operation"],
    buckets: LATENCY_BUCKETS,
  });
  const units = metrics.counter({
    name: "clawmeter_units_total",
    help: "Acknowledged units",
    labels: ["operation"],
  });
  const operations = new Map<string, OperationMetrics>();
  return {
    note(operationId, call) {
      let own = operations.get(operationId);
      if (own === undefined) {
        own = {
          byStatus: new Map(),
          seconds: seconds.with(operationId),
          units: units.with(operationId),
        };
        operations.set(operationId, own);
      }
      let counter = own.byStatus.get(call.status);
      if (counter === undefined) {
        own.byStatus.set(call.status, counter = calls.with(operationId, String(call.status)));
      }
      counter.add();
      own.seconds.observe(call.seconds);
      own.units.add(Number(call.units));
    },
  };
}
