import type { LiveMessage } from "@/islands/LiveUsage.tsx";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { sleep } from "@/lib/ports/scheduler.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";

const EVERY_MS = 2_000;
const SLOTS = 60;
/** A stream ends after so long; the browser opens the next one, maybe on another instance. */
const LIFE_MS = 10 * 60_000;

export interface LiveDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly usage: Pick<UsageReader, "series">;
}

/**
 * Snapshots of a tenant's last usage windows, one about every two seconds. Each one is whole, so a
 * reader that was away needs nothing that it missed.
 */
export async function* liveUsage(
  deps: LiveDeps,
  { tenantId, windowMs }: { readonly tenantId: TenantId; readonly windowMs: number },
): AsyncGenerator<{ readonly id: string; readonly data: LiveMessage }> {
  const endsAtMs = deps.clock.nowMs() + LIFE_MS;
  while (deps.clock.nowMs() < endsAtMs) {
    const data = await snapshot(deps, { tenantId, windowMs });
    yield { id: String(data.asOfMs), data };
    await sleep(deps.scheduler, EVERY_MS);
  }
}

async function snapshot(
  { clock, usage }: LiveDeps,
  { tenantId, windowMs }: { readonly tenantId: TenantId; readonly windowMs: number },
): Promise<LiveMessage> {
  const asOfMs = clock.nowMs();
  const toMs = Math.floor(asOfMs / windowMs) * windowMs + windowMs;
  const fromMs = toMs - SLOTS * windowMs;
  const windows: bigint[] = Array.from({ length: SLOTS }, () => 0n);
  for (
    const { startMs, units } of await usage.series({
      tenantId,
      fromMs,
      toMs,
      granularity: "window",
    })
  ) {
    const at = Math.floor((startMs - fromMs) / windowMs);
    windows[at] = (windows[at] ?? 0n) + units;
  }
  return { asOfMs, windowMs, windows: windows.map(String) };
}
