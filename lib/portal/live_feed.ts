import type { LiveCall } from "@/components/portal/LiveCalls.tsx";
import type { LiveMessage } from "@/islands/LiveUsage.tsx";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import { type Scheduler, sleep } from "@/lib/ports/scheduler.ts";
import type { RequestRecord, TrafficStore } from "@/lib/ports/traffic.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";

const EVERY_MS = 2_000;
const SLOTS = 60;
const CALLS = 6;
/** A stream ends after so long; the browser opens the next one, maybe on another instance. */
const LIFE_MS = 10 * 60_000;
/** Clocks of instances may differ by so much; an id from later than that is nobody's. */
const SKEW_MAX_MS = 10_000;

export interface LiveDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly usage: Pick<UsageReader, "series">;
  readonly traffic: Pick<TrafficStore, "recent">;
  /** Length of a usage window. */
  readonly windowMs: number;
}

export interface LiveEvent {
  readonly id: string;
  readonly data: LiveMessage;
}

export interface LiveFeed {
  /**
   * Snapshots of a tenant's last usage windows and calls, one about every two seconds, each of them
   * whole: a reader that was away needs nothing that it missed. `lastId` is the last one's that it
   * saw, on any instance; nothing as old as that comes again.
   */
  follow(
    query: { readonly tenantId: TenantId; readonly lastId: string | null },
  ): AsyncGenerator<LiveEvent>;
}

type Snapshot = Omit<LiveMessage, "sentAtMs">;

interface Shared {
  readonly atMs: number;
  readonly snapshot: Promise<Snapshot>;
}

/** All pages that watch one tenant share its snapshots, so that their number costs no reads. */
export function createLiveFeed(deps: LiveDeps): LiveFeed {
  const { clock, scheduler } = deps;
  const shared = new Map<TenantId, Shared>();
  const watchers = new Map<TenantId, number>();

  function snapshotOf(tenantId: TenantId): Promise<Snapshot> {
    const known = shared.get(tenantId);
    if (known !== undefined && clock.nowMs() - known.atMs < EVERY_MS / 2) return known.snapshot;
    const snapshot = takeSnapshot(deps, tenantId);
    shared.set(tenantId, { atMs: clock.nowMs(), snapshot });
    return snapshot;
  }

  return {
    async *follow({ tenantId, lastId }) {
      watchers.set(tenantId, (watchers.get(tenantId) ?? 0) + 1);
      try {
        const endsAtMs = clock.nowMs() + LIFE_MS;
        let seenMs = seenBy(lastId, clock.nowMs());
        while (clock.nowMs() < endsAtMs) {
          const snapshot = await snapshotOf(tenantId);
          if (snapshot.asOfMs > seenMs) {
            seenMs = snapshot.asOfMs;
            yield { id: String(seenMs), data: { ...snapshot, sentAtMs: clock.nowMs() } };
          }
          await sleep(scheduler, EVERY_MS);
        }
      } finally {
        const left = (watchers.get(tenantId) ?? 1) - 1;
        if (left > 0) watchers.set(tenantId, left);
        else {
          watchers.delete(tenantId);
          shared.delete(tenantId);
        }
      }
    },
  };
}

export function liveCalls(records: readonly RequestRecord[]): readonly LiveCall[] {
  return records.slice(0, CALLS).map(({ requestId, atMs, route, status, units }) => ({
    requestId,
    atMs,
    route,
    status,
    units: String(units),
  }));
}

async function takeSnapshot(
  { clock, usage, traffic, windowMs }: LiveDeps,
  tenantId: TenantId,
): Promise<Snapshot> {
  const asOfMs = clock.nowMs();
  const toMs = Math.floor(asOfMs / windowMs) * windowMs + windowMs;
  const fromMs = toMs - SLOTS * windowMs;
  const windows: bigint[] = Array.from({ length: SLOTS }, () => 0n);
  const [points, recent] = await Promise.all([
    usage.series({ tenantId, fromMs, toMs, granularity: "window" }),
    traffic.recent({ tenantId, limit: CALLS }),
  ]);
  for (const { startMs, units } of points) {
    const at = Math.floor((startMs - fromMs) / windowMs);
    windows[at] = (windows[at] ?? 0n) + units;
  }
  return { asOfMs, windowMs, windows: windows.map(String), calls: liveCalls(recent.items) };
}

function seenBy(lastId: string | null, nowMs: number): number {
  if (lastId === null || !/^\d{1,15}$/.test(lastId)) return 0;
  const seenMs = Number(lastId);
  return seenMs > nowMs + SKEW_MAX_MS ? 0 : seenMs;
}
