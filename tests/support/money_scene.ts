/**
 * The console over some weeks of one tenant's money, made by the app's own parts at a clock that is
 * moved by hand: an invoice that is held, entries that wait for a person, units that can't be billed.
 */
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { moveEntry, type OutboxEntry } from "@/lib/domain/outbox.ts";
import { must } from "./api_world.ts";
import { type ConsoleApp, startConsole } from "./console_app.ts";
import { FixedClock } from "./fixed_effects.ts";
import { useUnits } from "./whole_app.ts";

export const NORTH = "tn_north";
export const SOUTH = "tn_south";
export const APRIL = "2026-04-01";
export const MAY = "2026-05-01";

const MINUTE = 60_000;
const DAY = 86_400_000;

export interface MoneyScene extends ConsoleApp {
  readonly clock: FixedClock;
  /** A new entry of the tenant in this state; nothing of it is at Stripe. */
  entry(change: Pick<OutboxEntry, "state"> & Partial<OutboxEntry>): Promise<OutboxEntry>;
  /** Gives Stripe the event of an entry, behind our back. */
  arrive(entry: OutboxEntry): Promise<void>;
}

export async function startMoneyScene(): Promise<MoneyScene> {
  const clock = new FixedClock(Date.UTC(2026, 3, 2, 9));
  const app = await startConsole({ clock });
  const { services } = app.runtime;
  const { provider } = services.billing;
  await app.tenant(NORTH, "Northwind Capital");
  await app.tenant(SOUTH, "Southgate Partners");
  const collection = { kind: "invoice", daysUntilDue: 30 } as const;
  must(await provisionTenant(services.billing, { tenantId: NORTH, email: null, collection }));
  const stripeCustomerId = (await services.tenants.tenant(NORTH))?.value.stripeCustomerId ?? "";

  async function use(units: bigint, { tenantId = NORTH, meter = "risk_score" } = {}) {
    await useUnits(app.runtime, { tenantId, meter, units });
    await services.engine.tick();
    clock.advance(2 * MINUTE);
  }

  async function sealOne(): Promise<OutboxEntry> {
    const before = new Set((await open()).map(({ entryId }) => entryId));
    await use(25n);
    await services.engine.sealer.sealDue({ tenantId: NORTH });
    const made = (await open()).find(({ entryId }) => !before.has(entryId));
    if (made === undefined) throw new Error("No entry was sealed");
    return made;
  }

  async function open(): Promise<readonly OutboxEntry[]> {
    return (await services.usage.outbox({ tenantId: NORTH, limit: 500 })).entries;
  }

  clock.atMs = Date.UTC(2026, 3, 20, 10);
  await use(12_250n);
  await use(480n, { meter: "compliance" });
  await services.engine.flush({ tenantId: NORTH });
  await provider.sendMeterEvent({
    identifier: "somebody-elses",
    eventName: "compliance",
    stripeCustomerId,
    units: 3n,
    timestampMs: clock.atMs - clock.atMs % MINUTE - DAY,
    attempt: 1,
  });
  clock.atMs = Date.UTC(2026, 4, 1, 0, 10);
  await services.chores.everyFiveMinutes();
  clock.atMs = Date.UTC(2026, 4, 6, 12);
  await use(3_100n);
  await use(40n, { meter: "compliance" });
  await services.engine.flush({ tenantId: NORTH });
  await use(70n, { tenantId: SOUTH });
  await services.engine.sealer.sealDue({ tenantId: SOUTH });
  clock.advance(30 * MINUTE);

  return {
    ...app,
    clock,
    async entry(change) {
      const { entryId } = await sealOne();
      const { outbox } = services.outboxActions;
      const found = await outbox.find(entryId);
      if (found === null) throw new Error("The entry was sealed just now");
      const moved = await outbox.move(found, { ...moveEntry(found.value, change), ...change });
      if (moved === null) throw new Error("Nobody else moves entries here");
      return moved.value;
    },
    async arrive({ identifier, eventName, units, timestampMs, ...entry }) {
      const event = { identifier, eventName, units, timestampMs, attempt: 1 };
      await provider.sendMeterEvent({ ...event, stripeCustomerId: entry.stripeCustomerId });
    },
  };
}
