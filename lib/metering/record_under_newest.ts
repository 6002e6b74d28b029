import type {
  ConfigEpoch,
  RecordOutcome,
  RecordRequest,
  UsageRecorder,
} from "@/lib/ports/usage.ts";

/** A configuration that moves under every try is not settling; whoever asked may ask again. */
const TRIES_MAX = 20;

/**
 * Records units that no decision about a caller hangs on: an operator or a webhook that moves the
 * configuration meanwhile makes it read the epoch again instead of failing.
 */
export async function recordUnderNewest(
  request: Omit<RecordRequest, "epoch">,
  { recorder, epoch }: {
    readonly recorder: UsageRecorder;
    readonly epoch: () => Promise<ConfigEpoch>;
  },
): Promise<RecordOutcome> {
  for (let tries = 1;; tries++) {
    const outcome = await recorder.record({ ...request, epoch: await epoch() });
    if (outcome.kind !== "config_changed" || tries === TRIES_MAX) return outcome;
  }
}
