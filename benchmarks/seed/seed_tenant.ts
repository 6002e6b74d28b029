import type { KvLike } from "@/lib/kv/kv_like.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { drawCredits } from "@/lib/billing/draw_credits.ts";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { beginAttempt, moveEntry } from "@/lib/domain/outbox.ts";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from "@/lib/domain/window.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import { createKvSessionStore } from "@/lib/kv/session_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createTrafficStore } from "@/lib/kv/traffic_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { proposeCorrection } from "@/lib/metering/corrections.ts";
import { writeOff } from "@/lib/metering/outbox_actions.ts";
import { meterEventName } from "@/lib/domain/meter.ts";
import type { SendOutcome } from "@/lib/ports/billing_provider.ts";
import type { PlanStore } from "@/lib/ports/tenancy.ts";
import type { CallCount, RequestRecord } from "@/lib/ports/traffic.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { createApiKey, revokeApiKey, rotateApiKey } from "@/lib/tenancy/api_keys.ts";
import { addMember, inviteMember } from "@/lib/tenancy/members.ts";
import {
  changeBudget,
  changeOverrides,
  changeStatus,
  createTenant,
} from "@/lib/tenancy/tenants.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { Random } from "@/tests/support/random.ts";
import { must, seededIds } from "./effects.ts";
import { UsageSeeder } from "./seed_usage.ts";
import { dayUse, type HourUse, type SeedOptions, type TenantShape } from "./shape.ts";
import { StagingKv } from "./staging_kv.ts";
import { historyProvider, knownProvider, type StripeSide } from "./stripe_side.ts";

export interface TenantSeedDeps {
  readonly plans: PlanStore;
  readonly stripe: StripeSide;
  readonly databaseEpoch: string;
  readonly target: Pick<KvLike, "atomic">;
  /** When the second version of a plan came out, by plan id. */
  readonly secondVersionAtMs: number;
}

/** Rows that nothing reads again during the history: they leave the staging every month. */
const COLD: ReadonlySet<string> = new Set([
  "outbox_done",
  "minute_owner",
  "delivered",
  "usage",
  "usage_day",
  "window",
  "request",
  "traffic",
  "calls",
  "commit_mark",
]);
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const BY_SEED: Act = { actor: { kind: "system", id: "seed" }, ip: null, requestId: "req_seed" };
const ROUTE = "POST /v1/ratings";
const REQUESTS_KEPT_MS = 7 * DAY_MS;
/** Tenants of every so many whose last day shows a state that the outbox can be in. */
const ODD_EVERY = 40;

export function ownerEmail({ tenantId }: TenantShape): string {
  return `owner@${tenantId.replaceAll("_", "-")}.example`;
}

/** The plan version that a tenant is on at an instant. */
export function revisionAt(shape: TenantShape, atMs: number, secondVersionAtMs: number): string {
  const second = shape.follows && shape.planId === "growth" &&
    atMs >= moveMs(shape, secondVersionAtMs);
  return `${shape.planId}@${second ? 2 : 1}`;
}

/** Some move with the period, some in the middle of it. */
function moveMs({ index }: TenantShape, secondVersionAtMs: number): number {
  return index % 4 === 0 ? secondVersionAtMs + 9 * DAY_MS : secondVersionAtMs;
}

/** Everything that one tenant left behind since it joined; says how many rows that are. */
export async function seedTenant(
  shape: TenantShape,
  { options, deps }: { readonly options: SeedOptions; readonly deps: TenantSeedDeps },
): Promise<number> {
  const seeder = new TenantSeeder(shape, options, deps);
  return await seeder.run();
}

class TenantSeeder {
  readonly #clock: FixedClock;
  readonly #kv: StagingKv;
  readonly #random: Random;
  readonly #stores;
  readonly #billing: BillingDeps;
  readonly #usage: UsageSeeder;
  /** What the provider answers now, where that is not "delivered". */
  #answer: SendOutcome | null = null;
  #rows = 0;

  constructor(
    private readonly shape: TenantShape,
    private readonly options: SeedOptions,
    private readonly deps: TenantSeedDeps,
  ) {
    this.#clock = new FixedClock(shape.createdAtMs);
    const clock = this.#clock;
    const kv = this.#kv = new StagingKv(clock);
    this.#random = new Random(options.seed, 1_000 + shape.index);
    const ids = seededIds(clock, this.#random);
    this.#stores = {
      clock,
      ids,
      plans: deps.plans,
      tenants: createKvTenantStore(kv),
      members: createKvMemberStore(kv),
      sessions: createKvSessionStore(kv),
      audit: createKvAuditLog(kv),
      corrections: createCorrectionStore({ kv }),
      traffic: createTrafficStore({ kv, instanceId: ids.next("trf") }),
    };
    const provider = historyProvider(deps.stripe);
    const usage = createUsageStore({ kv, log: createUsageLog({ kv }), clock });
    this.#billing = {
      ...this.#stores,
      logger: QUIET,
      usage,
      store: createKvBillingStore(kv),
      metering: { flush: () => Promise.resolve(), reject: () => Promise.resolve("unknown") },
      provider: knownProvider(deps.stripe) as BillingDeps["provider"],
    };
    this.#usage = new UsageSeeder({
      kv,
      clock,
      ids,
      databaseEpoch: deps.databaseEpoch,
      targets: createBillingTargets({ ...this.#stores, eventNameOf: meterEventName }),
      provider: {
        ...provider,
        sendMeterEvent: (event) =>
          this.#answer === null ? provider.sendMeterEvent(event) : Promise.resolve(this.#answer),
      },
    });
  }

  async run(): Promise<number> {
    const keyIds = await this.#join();
    await this.#live(keyIds);
    await this.#usage.close();
    await this.#settle(keyIds);
    this.#rows += await this.#kv.empty(this.deps.target, { atMs: this.options.untilMs });
    this.deps.stripe.forget();
    return this.#rows;
  }

  /** Tenant, people, keys, and the account at Stripe. */
  async #join(): Promise<readonly string[]> {
    const { shape } = this;
    const { tenantId, name, createdAtMs } = shape;
    const context = { deps: this.#stores, act: BY_SEED };
    const planRevision = revisionAt(shape, createdAtMs, this.deps.secondVersionAtMs);
    must(await createTenant({ tenantId, name, planRevision }, context));
    for (let at = 0; at < shape.members; at++) {
      const email = at === 0
        ? ownerEmail(shape)
        : `person${at}@${tenantId.replace("_", "-")}.example`;
      const role = at === 0
        ? "owner" as const
        : at % 3 === 0
        ? "admin" as const
        : "viewer" as const;
      must(await addMember({ tenantId, email, name: `Person ${at}`, role }, context));
    }
    const keyIds: string[] = [];
    for (let at = 0; at < shape.keys; at++) {
      const terms = { tenantId, name: `Service ${at + 1}`, mode: "test" as const, scopes: ["*"] };
      const { key } = must(await createApiKey(terms, context));
      keyIds.push(key.keyId);
    }
    if (!shape.isNew) {
      must(
        await provisionTenant(this.#billing, {
          tenantId,
          email: ownerEmail(shape),
          startMs: createdAtMs,
        }),
      );
    }
    return keyIds;
  }

  /** Day by day until now; what nobody reads again goes into the database every month. */
  async #live(keyIds: readonly string[]): Promise<void> {
    const { shape, options } = this;
    const { tenantId } = shape;
    const lastDayMs = dayOf(options.untilMs);
    const random = new Random(options.seed, 500_000 + shape.index);
    const moveAtMs = moveMs(shape, this.deps.secondVersionAtMs);
    let plan = await this.#planNow();
    for (let dayMs = dayOf(shape.createdAtMs); dayMs <= lastDayMs; dayMs += DAY_MS) {
      if (dayMs === moveAtMs && revisionAt(shape, dayMs, moveAtMs) !== plan.planRevision) {
        plan = await this.#move(dayMs);
      }
      const uses = shape.size === "silent" ? [] : dayUse({ shape, plan, dayMs, options, random });
      if (uses.length > 0) {
        await this.#traffic(uses, keyIds);
        this.#answer = this.#lateAnswer(lastDayMs - dayMs);
        const leave = dayMs === lastDayMs ? this.#lateStand() : null;
        this.#clock.atMs = dayMs;
        await this.#usage.day({ tenantId, plan, dayMs, uses, keyIds, leave });
        this.#answer = null;
      } else if (dayMs === lastDayMs && shape.size !== "silent") {
        await this.#usage.day({ tenantId, plan, dayMs, uses, keyIds });
      }
      if (new Date(dayMs + DAY_MS).getUTCDate() === 1) await this.#endPeriod(dayMs, plan);
    }
  }

  async #planNow(): Promise<PlanVersion> {
    const tenant = await this.#stores.tenants.tenant(this.shape.tenantId);
    const plan = await this.deps.plans.plan(tenant?.value.planRevision ?? "");
    if (plan === null) throw new Error(`No plan of ${this.shape.tenantId}`);
    return plan.value;
  }

  async #move(atMs: number): Promise<PlanVersion> {
    this.#clock.atMs = atMs;
    const { tenantId } = this.shape;
    const planRevision = revisionAt(this.shape, atMs, atMs);
    must(await changePlan(this.#billing, { tenantId, planRevision, act: BY_SEED }));
    return await this.#planNow();
  }

  /** On the last two days a few tenants meet a provider that answers otherwise. */
  #lateAnswer(ageMs: number): SendOutcome | null {
    switch (this.shape.index % ODD_EVERY) {
      case 1:
        return ageMs === 0
          ? { kind: "refused", code: "meter_event_customer_not_found", detail: "No customer" }
          : null;
      case 2:
        return ageMs === 0 ? { kind: "unknown", detail: "The connection broke" } : null;
      case 3:
        return ageMs <= DAY_MS ? { kind: "unknown", detail: "No answer in time" } : null;
      case 5:
        return ageMs <= 2 * DAY_MS
          ? { kind: "refused", code: "timestamp_too_far_in_past", detail: "Too old" }
          : null;
    }
    return null;
  }

  #lateStand(): "windows" | "outbox" | null {
    const kind = this.shape.index % ODD_EVERY;
    if (kind === 4) return "outbox";
    if (kind < 6) return null;
    return this.shape.index % 3 === 0 ? "windows" : this.shape.index % 5 === 0 ? "outbox" : null;
  }

  /** Calls as people see them: counts by hour and day for ever, single ones for a week. */
  async #traffic(uses: readonly HourUse[], keyIds: readonly string[]): Promise<void> {
    const { tenantId } = this.shape;
    const { traffic } = this.#stores;
    for (const [startMs, own] of Map.groupBy(uses, (use) => use.startMs)) {
      const counts = this.#counts(own, { startMs, keyIds });
      const calls = counts.reduce((sum, count) => sum + count.calls, 0);
      this.#clock.atMs = startMs + HOUR_MS - MINUTE_MS;
      const lastUses = new Map(counts.map(({ keyId }) => [keyId, this.#clock.atMs]));
      const kept = this.options.untilMs - startMs < REQUESTS_KEPT_MS;
      const chunks = kept ? Math.min(12, Math.ceil(calls / 200)) : 1;
      for (let chunk = 0; chunk < chunks; chunk++) {
        const records = kept
          ? this.#records({ startMs: startMs + chunk * 5 * MINUTE_MS, calls, keyIds })
          : [];
        const first = chunk === 0;
        const part = { tenantId, records, uses: first ? lastUses : new Map<string, number>() };
        await traffic.append(part, first ? counts : []);
      }
    }
  }

  /** A call takes a unit of its first meter; a few are refused for coming too fast. */
  #counts(
    uses: readonly HourUse[],
    { startMs, keyIds }: { readonly startMs: number; readonly keyIds: readonly string[] },
  ): readonly CallCount[] {
    const { tenantId } = this.shape;
    const counts: CallCount[] = [];
    for (const [key, own] of Map.groupBy(uses, (use) => use.key)) {
      const keyId = keyIds[key % keyIds.length] ?? "key_unknown";
      const at = { tenantId, startMs, keyId, route: ROUTE };
      const calls = Math.max(1, Number(own[0]?.units ?? 1n));
      const units = new Map(own.map((use) => [use.meter, use.units]));
      counts.push({ ...at, status: 200, calls, units });
      const refused = this.#random.chance(0.2) ? this.#random.between(1, 5) : 0;
      if (refused > 0) counts.push({ ...at, status: 429, calls: refused, units: new Map() });
    }
    return counts;
  }

  #records(
    { startMs, calls, keyIds }: {
      readonly startMs: number;
      readonly calls: number;
      readonly keyIds: readonly string[];
    },
  ): readonly RequestRecord[] {
    return Array.from({ length: Math.min(20, calls) }, (_, at): RequestRecord => {
      const isRefused = this.#random.chance(0.03);
      return {
        requestId: this.#stores.ids.next("req"),
        tenantId: this.shape.tenantId,
        keyId: keyIds[at % Math.max(1, keyIds.length)] ?? "key_unknown",
        atMs: startMs + at * 1_000,
        route: ROUTE,
        status: isRefused ? 429 : 200,
        code: isRefused ? "rate_limited" : null,
        units: isRefused ? 0n : 2n,
        cost: isRefused ? 0n : 380_000_000_000n,
        latencyMicros: this.#random.between(300, 9_000),
      };
    });
  }

  /** What a month leaves: a closed period, a credit drawn down, an anomaly, a note of the operator. */
  async #endPeriod(dayMs: number, plan: PlanVersion): Promise<void> {
    const { shape, options } = this;
    const { tenantId } = shape;
    const period = periodAt(dayMs, plan.interval);
    const last = shiftPeriod(periodAt(options.untilMs, plan.interval), -1, plan.interval);
    this.#clock.atMs = period.endMs + 2 * HOUR_MS;
    if (shape.index % 10 === 0 && shape.createdAtMs >= period.startMs - DAY_MS) {
      await this.#grant();
    }
    if (shape.index % 20 === 3 && this.#random.chance(0.2)) {
      const note = "Goodwill for a slow afternoon";
      must(
        await adjustMoney(this.#billing, {
          tenantId,
          periodId: period.periodId,
          amountMinor: -BigInt(this.#random.between(5, 90)) * 100n,
          note,
          createdBy: "operator",
        }),
      );
    }
    if (!shape.isNew && period.startMs < last.startMs) await this.#close(period.startMs);
    if (shape.size !== "silent" && shape.size !== "rare" && this.#random.chance(0.5)) {
      const expected = this.#random.between(20, 900);
      await this.#billing.store.putAnomaly({
        tenantId,
        meter: plan.meters[0]?.meter ?? "risk_score",
        hourStartMs: period.startMs + this.#random.below(28 * 24) * HOUR_MS,
        kind: this.#random.chance(0.8) ? "spike" : "drop",
        units: expected * this.#random.between(4, 30),
        expected,
        score: this.#random.between(6, 40),
        foundAtMs: this.#clock.atMs,
      });
    }
    this.#rows += await this.#kv.empty(this.deps.target, { atMs: options.untilMs, rooms: COLD });
  }

  async #grant(): Promise<void> {
    must(
      await grantCredit(this.#billing, {
        tenantId: this.shape.tenantId,
        name: "Starting credit",
        category: "promotional",
        amountMinor: BigInt(this.#random.between(1, 20)) * 5_000n,
        expiresAtMs: null,
      }),
    );
  }

  /** Periods before the last complete one: closed long ago, their invoices gone from Stripe's side. */
  async #close(startMs: number): Promise<void> {
    const { tenantId, index } = this.shape;
    const { store } = this.#billing;
    const tenant = (await this.#stores.tenants.tenant(tenantId))?.value;
    const plan = await this.#planNow();
    const period = periodAt(startMs, plan.interval);
    if (tenant === undefined) return;
    if ((await store.credits(tenantId)).length > 0) {
      await drawCredits(
        this.#billing,
        tenantId,
        must(await billPeriod(this.#billing, { tenant, period })),
      );
    }
    await store.putPeriodClose({
      tenantId,
      periodId: period.periodId,
      state: "finalized",
      invoiceId: `in_${period.periodId.replaceAll("-", "")}${String(index).padStart(6, "0")}`,
      reasons: [],
      attempts: 1 + index % 3,
      updatedAtMs: this.#clock.nowMs(),
      closingSinceMs: null,
    }, null);
  }

  /** The last day: what an operator and the tenant's own people did, and where entries stand. */
  async #settle(keyIds: readonly string[]): Promise<void> {
    const { shape, options } = this;
    const { tenantId, index, status } = shape;
    const context = { deps: this.#stores, act: BY_SEED };
    this.#clock.atMs = options.untilMs - 6 * HOUR_MS;
    const [keyId] = keyIds.slice(3);
    if (keyId !== undefined) {
      must(await rotateApiKey({ tenantId, keyId, graceMs: 2 * DAY_MS }, context));
      const [revoked] = keyIds.slice(4);
      if (revoked !== undefined) must(await revokeApiKey({ tenantId, keyId: revoked }, context));
    }
    if (shape.members > 2) {
      const email = `next@${tenantId.replace("_", "-")}.example`;
      must(await inviteMember({ tenantId, email, role: "viewer" }, context));
    }
    if (index % 8 === 0) {
      const amount = BigInt(this.#random.between(1, 40)) * 10n ** 16n;
      must(await changeBudget({ tenantId, budget: { amount, stop: index % 16 === 0 } }, context));
      await this.#alert();
    }
    if (index % 15 === 0) {
      must(await changeOverrides({ tenantId, overrides: { requestsPerSecond: 400 } }, context));
    }
    await this.#oddEntries();
    if (index % 25 === 4 && shape.size !== "silent" && !shape.isNew) await this.#correct();
    if (shape.size === "firm") await this.#history(index === 0 ? 2_000 : 200);
    if (status !== "active") {
      const graceUntilMs = status === "past_due" ? options.untilMs + 5 * DAY_MS : null;
      must(await changeStatus({ tenantId, status, graceUntilMs }, context));
    }
  }

  async #alert(): Promise<void> {
    const { tenantId, index } = this.shape;
    const { store } = this.#billing;
    const { periodId } = periodAt(this.options.untilMs, "month");
    const subject = { kind: "budget" as const };
    await store.putAlertSettings({
      tenantId,
      emails: [ownerEmail(this.shape)],
      webhookUrl: null,
      webhookSecret: null,
    }, null);
    const state = { tenantId, periodId, subject, firedPercent: 50 };
    const alert = {
      alertId: this.#stores.ids.next("alr"),
      tenantId,
      periodId,
      subject,
      percent: 50,
      used: 5_000n,
      limit: 10_000n,
      createdAtMs: this.#clock.nowMs(),
      delivery: {
        state: "waiting" as const,
        attempts: 0,
        detail: null,
        channels: [],
        triedAtMs: null,
      },
    };
    await store.putAlertState(state, null, alert);
    if (index % 80 === 0) return;
    const channels = [ownerEmail(this.shape)];
    const delivery = {
      state: "delivered" as const,
      attempts: 1,
      detail: null,
      channels,
      triedAtMs: alert.createdAtMs + MINUTE_MS,
    };
    await store.settleAlert({ ...alert, delivery });
  }

  /** Refused after it was sent, on the way back, and given up: by the moves that make them so. */
  async #oddEntries(): Promise<void> {
    const { outbox, sealer } = this.#usage;
    const { tenantId, index } = this.shape;
    const nowMs = this.#clock.nowMs();
    const [open] = await outbox.open({ tenantId, limit: 1 });
    const kind = index % ODD_EVERY;
    if (kind === 5 && open?.value.state === "held") {
      const decision = { author: "operator", reason: "The customer was deleted at Stripe" };
      const targets = createBillingTargets({ ...this.#stores, eventNameOf: meterEventName });
      const { entryId } = open.value;
      const deps = { outbox, sealer, targets, clock: this.#clock };
      must(await writeOff({ entryId, ...decision }, deps));
    }
    if (kind !== 4 || open === undefined || open.value.state !== "ready") return;
    const begun = beginAttempt(open.value, { nowMs, claim: this.#stores.ids.next("try") });
    const claimed = await outbox.move(open, begun, { lane: "take", nowMs });
    if (claimed === null) return;
    const sent = await outbox.move(claimed, moveEntry(begun, { state: "sent", claim: null }), {
      lane: "leave",
    });
    if (sent === null) return;
    const reason = "meter_event_customer_not_found";
    const rejected = moveEntry(sent.value, { state: "rejected", reason, burnt: true });
    const moved = await outbox.move(sent, rejected);
    if (moved !== null && index > ODD_EVERY) {
      await outbox.move(moved, moveEntry(rejected, { state: "held" }));
    }
  }

  async #correct(): Promise<void> {
    const { tenantId, index } = this.shape;
    const plan = await this.#planNow();
    const [first] = plan.meters;
    if (first === undefined) return;
    const targets = createBillingTargets({ ...this.#stores, eventNameOf: meterEventName });
    must(
      await proposeCorrection({
        tenantId,
        meter: first.meter,
        planRevision: plan.planRevision,
        periodId: periodAt(this.options.untilMs, plan.interval).periodId,
        units: index % 2 === 0 ? 25n : 20_000n,
        reason: "Calls of an outage were not counted",
        author: "operator",
      }, { ...this.#stores, sealer: this.#usage.sealer, targets }),
    );
  }

  /** A long audit log. */
  async #history(rows: number): Promise<void> {
    const { tenantId } = this.shape;
    for (let at = 0; at < rows; at++) {
      await this.#stores.audit.append({
        chain: tenantId,
        atMs: this.options.untilMs - (rows - at) * HOUR_MS / 4,
        actor: { kind: "member", id: "mem_seed" },
        action: at % 3 === 0 ? "session.started" : "tenant.settings_changed",
        subject: tenantId,
        before: { locale: at % 2 === 0 ? "en" : "de" },
        after: { locale: at % 2 === 0 ? "de" : "en" },
        ip: "192.0.2.7",
        requestId: this.#stores.ids.next("req"),
      });
    }
  }
}
