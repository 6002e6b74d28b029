import type { BillingDeps } from "@/lib/billing/deps.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { MeteringControl } from "@/lib/ports/metering_control.ts";
import type { BookLine } from "@/lib/ports/usage.ts";

/** Units of one line that are on their way under one identifier. */
interface Parcel {
  identifier: string;
  readonly units: Units;
  readonly timestampMs: number;
  attempts: number;
}

interface Line {
  readonly tenantId: string;
  readonly meter: string;
  readonly planRevision: string;
  readonly periodId: string;
  acknowledged: Units;
  sent: Units;
  open: { units: Units; lastMs: number };
  parcels: Parcel[];
}

const MAX_ROUNDS = 5;

/**
 * Books for long runs: one line per tenant, meter, plan version and period, sent as few events as
 * possible. A refused parcel is sent again under a new identifier, as an operator would release it.
 */
export class YearBooks implements MeteringControl {
  readonly #lines = new Map<string, Line>();
  #identifiers = 0;
  refusals = 0;
  retries = 0;
  events = 0;

  constructor(
    readonly clock: Clock,
    readonly provider: Pick<BillingProvider, "sendMeterEvent">,
    readonly customerOf: (tenantId: string) => string,
  ) {}

  use(use: { tenantId: string; meter: string; planRevision: string; atMs: number; units: Units }) {
    const { tenantId, meter, planRevision, atMs, units } = use;
    const { periodId } = periodAt(atMs, "month");
    const key = JSON.stringify([tenantId, meter, planRevision, periodId]);
    const line = this.#lines.get(key) ?? {
      tenantId,
      meter,
      planRevision,
      periodId,
      acknowledged: 0n,
      sent: 0n,
      open: { units: 0n, lastMs: 0 },
      parcels: [],
    };
    this.#lines.set(key, line);
    line.acknowledged += units;
    line.open = { units: line.open.units + units, lastMs: atMs };
  }

  async flush({ tenantId, periodId }: { tenantId: string; periodId: string }): Promise<void> {
    for (const line of this.#own({ tenantId, periodId })) {
      if (line.open.units > 0n) {
        line.parcels.push({
          identifier: this.#next(),
          units: line.open.units,
          timestampMs: line.open.lastMs - line.open.lastMs % 60_000,
          attempts: 0,
        });
        line.open = { units: 0n, lastMs: 0 };
      }
      // Again at once: after a day Stripe may have forgotten an identifier.
      for (let round = 0; round < MAX_ROUNDS && line.parcels.length > 0; round++) {
        for (const parcel of [...line.parcels]) await this.#send(line, parcel);
      }
    }
  }

  reject() {
    return Promise.resolve("unknown" as const);
  }

  get reader(): BillingDeps["usage"] {
    return {
      books: (query = {}) => Promise.resolve(this.#own(query).map(bookLine)),
      outbox: () => Promise.resolve({ entries: [], cursor: null }),
      series: () => Promise.resolve([]),
      periodTotals: () => Promise.resolve([]),
      billableTotals: (query) =>
        Promise.resolve(
          this.#own(query).map(({ meter, planRevision, acknowledged }) => ({
            meter,
            planRevision,
            units: acknowledged,
          })),
        ),
    };
  }

  async #send(line: Line, parcel: Parcel): Promise<void> {
    parcel.attempts += 1;
    this.events += 1;
    const outcome = await this.provider.sendMeterEvent({
      identifier: parcel.identifier,
      eventName: line.meter,
      stripeCustomerId: this.customerOf(line.tenantId),
      units: parcel.units,
      timestampMs: parcel.timestampMs,
      attempt: parcel.attempts,
    });
    switch (outcome.kind) {
      case "delivered":
      case "already_exists":
        line.sent += parcel.units;
        line.parcels = line.parcels.filter((other) => other !== parcel);
        return;
      case "refused":
        this.refusals += 1;
        // After an attempt without an answer the event may be there: only this identifier is safe.
        if (parcel.attempts > 1) return;
        parcel.identifier = this.#next();
        parcel.attempts = 0;
        return;
      default:
        this.retries += 1;
    }
  }

  #own({ tenantId, periodId }: { tenantId?: string; periodId?: string }): Line[] {
    return [...this.#lines.values()].filter((line) =>
      (tenantId === undefined || line.tenantId === tenantId) &&
      (periodId === undefined || line.periodId === periodId)
    );
  }

  #next(): string {
    this.#identifiers += 1;
    return `year-${this.#identifiers}`;
  }
}

function bookLine(line: Line): BookLine {
  const { tenantId, meter, planRevision, periodId, acknowledged, sent, open, parcels } = line;
  return {
    tenantId,
    meter,
    planRevision,
    periodId,
    acknowledged,
    adjusted: 0n,
    corrected: false,
    log: 0n,
    windows: open.units,
    outbox: parcels.reduce((sum, { units }) => sum + units, 0n),
    sent,
    rejected: 0n,
    confirmed: 0n,
    writtenOff: 0n,
    difference: 0n,
    moving: false,
  };
}
