import type { PipelineStatus } from "@/lib/ports/usage.ts";
import type { Metrics } from "./metrics.ts";

/** Gauges of the metering pipeline, read from the store when they are asked for. */
export interface PipelineGauges {
  refresh(): Promise<void>;
}

export function createPipelineGauges(
  metrics: Metrics,
  pipeline: () => Promise<PipelineStatus>,
): PipelineGauges {
  let status: PipelineStatus | null = null;
  const gauge = (name: string, help: string, read: (status: PipelineStatus) => number | null) =>
    metrics.gauge({ name, help }, () => status === null ? null : read(status));
  gauge(
    "clawmeter_unfolded_segments",
    "Segments that wait to be folded",
    ({ unfoldedSegments }) => unfoldedSegments,
  );
  gauge(
    "clawmeter_open_windows",
    "Minute slots that are not sealed",
    ({ openWindows }) => openWindows,
  );
  gauge(
    "clawmeter_oldest_unsent_seconds",
    "Age of the oldest unit that Stripe has not accepted; alarm from 3600 on",
    ({ oldestUnsentAgeMs }) => (oldestUnsentAgeMs ?? 0) / 1_000,
  );
  gauge(
    "clawmeter_last_flush_timestamp_seconds",
    "When due work was last done",
    ({ lastFlushAtMs }) => lastFlushAtMs === null ? null : lastFlushAtMs / 1_000,
  );
  for (const state of ["ready", "in_flight", "held", "doubtful", "rejected"] as const) {
    gauge(
      `clawmeter_outbox_${state}_entries`,
      `Outbox entries that are ${state.replace("_", " ")}`,
      ({ outbox }) => outbox[state].entries,
    );
  }
  for (const kind of ["waiting", "unbilled"] as const) {
    const why = kind === "waiting" ? "wait to be billable" : "are never billed by unit";
    gauge(
      `clawmeter_parked_${kind}_lines`,
      `Lines of the books whose parked units ${why}`,
      ({ parked }) => parked[kind].lines,
    );
  }
  return {
    async refresh() {
      status = await pipeline();
    },
  };
}
