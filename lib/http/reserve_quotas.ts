import { effectiveQuota } from "@/lib/domain/decide.ts";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import type { QuotaGate, Reservation } from "@/lib/metering/quota.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";

/** Units of hard quotas set aside for one call, over all its meters. */
export interface CallReservation {
  /** The instance whose lease the units of a meter come out of, `null` without a hard quota. */
  leasedBy(meter: MeterName): string | null;
  readonly left: ReadonlyMap<MeterName, Units>;
  /** `used` was counted, or may have been; the rest goes back. */
  commit(used: ReadonlyMap<MeterName, Units>): void;
  void(): void;
}

const NOTHING: CallReservation = {
  leasedBy: () => null,
  left: new Map(),
  commit: () => {},
  void: () => {},
};

const NOTHING_RESERVED: Result<CallReservation> = accept(NOTHING);

interface CallDemand {
  readonly caller: CallerConfig;
  readonly periodId: string;
  readonly demand: ReadonlyMap<MeterName, Units>;
}

/** All or nothing; at once where no quota is hard. Error: `quota_exceeded`. */
export function reserveQuotas(
  gate: QuotaGate,
  call: CallDemand,
): Result<CallReservation> | Promise<Result<CallReservation>> {
  for (const meter of call.demand.keys()) {
    if (effectiveQuota(call.caller, meter)?.enforcement === "hard") return reserveAll(gate, call);
  }
  return NOTHING_RESERVED;
}

async function reserveAll(
  gate: QuotaGate,
  { caller, periodId, demand }: CallDemand,
): Promise<Result<CallReservation>> {
  const taken = new Map<MeterName, Reservation>();
  for (const [meter, units] of demand) {
    const quota = effectiveQuota(caller, meter);
    if (quota === null || quota.enforcement !== "hard" || units === 0n) continue;
    const { tenantId } = caller.tenant;
    const asked = gate.reserve({ tenantId, meter, periodId, units, quota: quota.units });
    const verdict = asked instanceof Promise ? await asked : asked;
    if (!verdict.ok) {
      for (const reservation of taken.values()) reservation.void();
      return verdict;
    }
    taken.set(meter, verdict.value);
  }
  return accept(taken.size === 0 ? NOTHING : reservationOf(taken));
}

function reservationOf(taken: ReadonlyMap<MeterName, Reservation>): CallReservation {
  return {
    leasedBy: (meter) => taken.get(meter)?.leasedBy ?? null,
    left: new Map([...taken].map(([meter, { remaining }]) => [meter, remaining])),
    commit: (used) => {
      for (const [meter, reservation] of taken) reservation.commit(used.get(meter) ?? 0n);
    },
    void: () => {
      for (const reservation of taken.values()) reservation.void();
    },
  };
}
