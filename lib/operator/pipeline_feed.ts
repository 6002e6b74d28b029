import type { LiveSample, PipelineMessage } from "@/islands/LivePipeline.tsx";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import { type Scheduler, sleep } from "@/lib/ports/scheduler.ts";
import type { PipelineStatus, UsageReader } from "@/lib/ports/usage.ts";

export interface PipelineFeedDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly ids: Ids;
  readonly usage: Pick<UsageReader, "pipeline">;
}

/** How the pipeline is, again and again, for whoever watches. */
export interface PipelineFeed {
  /**
   * Samples newer than the one that `lastId` names, at once where there are any, else with the next
   * one. An id of another instance, of long ago or of nobody begins with all that is kept.
   */
  follow(lastId: string | null): AsyncGenerator<PipelineEvent>;
}

export interface PipelineEvent {
  readonly id: string;
  readonly data: PipelineMessage;
}

const EVERY_MS = 2_000;
/** Five minutes; who was away for longer begins anew. */
const SAMPLES_KEPT = 150;
/** A stream ends after so long; the browser opens the next one, maybe on another instance. */
const LIFE_MS = 10 * 60_000;

interface Kept {
  readonly seq: number;
  readonly sample: LiveSample;
}

/**
 * One sampler for all who watch, and none while nobody does: reading the pipeline walks all that is
 * open, so its cost must not grow with the number of open pages. Who reads slowly gets several
 * samples at once, never more than are kept.
 */
export function createPipelineFeed(deps: PipelineFeedDeps): PipelineFeed {
  const { clock, scheduler, usage } = deps;
  const feedId = deps.ids.next("feed");
  const kept: Kept[] = [];
  let seq = 0;
  let sampling: Promise<void> | null = null;

  async function takeSample(): Promise<void> {
    const last = kept.at(-1);
    const dueInMs = last === undefined ? 0 : last.sample.asOfMs + EVERY_MS - clock.nowMs();
    if (dueInMs > 0) await sleep(scheduler, dueInMs);
    const sample = liveSample(await usage.pipeline());
    kept.push({ seq: ++seq, sample });
    if (kept.length > SAMPLES_KEPT) kept.shift();
  }

  async function newerThan(seen: number): Promise<readonly Kept[]> {
    while (seq <= seen) {
      sampling ??= takeSample().finally(() => sampling = null);
      await sampling;
    }
    return kept.filter((one) => one.seq > seen);
  }

  return {
    async *follow(lastId) {
      const endsAtMs = clock.nowMs() + LIFE_MS;
      let seen = seqOf(lastId, feedId) ?? 0;
      // Without the sample after the last one seen there is a hole: begin anew.
      if (seen > seq || seen + 1 < (kept[0]?.seq ?? 1)) seen = 0;
      while (clock.nowMs() < endsAtMs) {
        const newer = await newerThan(seen);
        seen = newer.at(-1)?.seq ?? seen;
        const samples = newer.map(({ sample }) => sample);
        const data = { sentAtMs: clock.nowMs(), samples };
        yield { id: `${feedId}.${seen}`, data };
      }
    },
  };
}

export function liveSample(status: PipelineStatus): LiveSample {
  const { outbox } = status;
  return {
    asOfMs: status.asOfMs,
    acknowledgedUnits: String(status.acknowledgedUnits),
    unfoldedSegments: status.unfoldedSegments,
    openMinutes: status.openWindows,
    toSend: outbox.ready.entries + outbox.in_flight.entries + outbox.rejected.entries,
    held: outbox.held.entries,
    doubtful: outbox.doubtful.entries,
    oldestUnsentAgeMs: status.oldestUnsentAgeMs,
    lastFlushAtMs: status.lastFlushAtMs,
  };
}

function seqOf(id: string | null, feedId: string): number | null {
  const prefix = `${feedId}.`;
  if (id === null || !id.startsWith(prefix)) return null;
  const text = id.slice(prefix.length);
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
