import { effectiveQuota } from "@/lib/domain/decide.ts";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { QuotaGate, QuotaRefusal, Reservation } from "@/lib/metering/quota.ts";
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

/** Which quota has no room for the call. */
export interface CallQuotaRefusal extends QuotaRefusal {
  readonly meter: MeterName;
  readonly quota: Units;
}

type Reserved = Result<CallReservation, CallQuotaRefusal>;

interface CallDemand {
  readonly caller: CallerConfig;
  readonly periodId: string;
  readonly demand: ReadonlyMap<MeterName, Units>;
}

const NOTHING_RESERVED: Reserved = accept(NOTHING);

/** All or nothing; at once where no quota is hard. Error: `quota_exceeded`. */
export function reserveQuotas(
  gate: QuotaGate,
  call: CallDemand,
): Reserved | Promise<Reserved> {
  for (const meter of call.demand.keys()) {
    if (effectiveQuota(call.caller, meter)?.enforcement === "hard") return reserveAll(gate, call);
  }
  return NOTHING_RESERVED;
}

async function reserveAll(
  gate: QuotaGate,
  { caller, periodId, demand }: CallDemand,
): Promise<Reserved> {
  const taken = new Map<MeterName, Reservation>();
  const giveBack = () => {
    for (const reservation of taken.values()) reservation.void();
  };
  const { tenantId } = caller.tenant;
  try {
    for (const [meter, units] of demand) {
      const quota = effectiveQuota(caller, meter);
      if (quota === null || quota.enforcement !== "hard" || units === 0n) continue;
      const asked = gate.reserve({ tenantId, meter, periodId, units, quota: quota.units });
      const verdict = asked instanceof Promise ? await asked : asked;
      if (!verdict.ok) {
        giveBack();
        return refuse({ ...verdict.error, meter, quota: quota.units });
      }
      taken.set(meter, verdict.value);
    }
  } catch (error) {
    giveBack();
    throw error;
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
