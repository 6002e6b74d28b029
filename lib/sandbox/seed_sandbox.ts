import { hashApiKey } from "@/lib/auth/api_key.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { proposePlansFile, publishProposed } from "@/lib/catalog/apply_plans.ts";
import { parsePlansFile } from "@/lib/catalog/plans_file.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { MeteringEngine } from "@/lib/metering/engine.ts";
import { recordUnderNewest } from "@/lib/metering/record_under_newest.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Member } from "@/lib/ports/members.ts";
import type { CallCount, MeterUnits } from "@/lib/ports/traffic.ts";
import { putHistory, putQuote } from "@/lib/rating/prices.ts";
import { putInstrument } from "@/lib/rating/instruments.ts";
import type { Services } from "@/lib/services.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { createApiKey } from "@/lib/tenancy/api_keys.ts";
import { addMember } from "@/lib/tenancy/members.ts";
import { createTenant } from "@/lib/tenancy/tenants.ts";
import {
  SAMPLE_INSTRUMENTS,
  SAMPLE_TENANTS,
  sampleCalls,
  sampleCloses,
  type SampleInstrument,
  type SampleTenant,
} from "./samples.ts";

export interface SeedOptions {
  /** Text of plans.json. */
  readonly plansText: string;
  /** API keys of an earlier start, by tenant id: they are kept. */
  readonly knownKeys: ReadonlyMap<string, string>;
  /** Metering at another time than now, for the history. */
  readonly engineAt: (clock: Clock) => MeteringEngine;
  readonly say: (what: string) => void;
}

export interface SeededTenant {
  readonly tenantId: string;
  readonly name: string;
  readonly apiKey: string;
  readonly portalLoginUrl: string;
}

const HOUR_MS = 3_600_000;
const HISTORY_DAYS = 20;
const HISTORY_HOURS = HISTORY_DAYS * 24;
const CLOSES = 1_280;
const LINK_LIFE_MS = 24 * HOUR_MS;
const ACT: Act = { actor: { kind: "system", id: "sandbox" }, ip: null, requestId: "sandbox" };
/** Shares of a rated call's meters, in percent: not every call asks for every part. */
const METER_SHARES: readonly (readonly [string, bigint])[] = [
  ["risk_score", 100n],
  ["price_feed", 100n],
  ["compliance", 45n],
  ["screening", 8n],
];

/**
 * Fills a sandbox with plans, two tenants, priced instruments and days of usage. Repeatable: what is
 * there stays, and each hour of history counts once, so a start may die on any line. Nothing is added
 * to a period whose close has begun.
 */
export async function seedSandbox(
  services: Services,
  options: SeedOptions,
): Promise<readonly SeededTenant[]> {
  const nowMs = services.clock.nowMs();
  const historyStartMs = nowMs - nowMs % HOUR_MS - HISTORY_HOURS * HOUR_MS;
  options.say("Publishing the plans");
  const plans = await publishPlans(services, options.plansText);
  for (const sample of SAMPLE_TENANTS) {
    options.say(`Setting up ${sample.name}`);
    await ensureTenant(services, { sample, plans, startMs: historyStartMs });
    await ensurePrices(services, { sample, nowMs });
  }
  const keys = await ensureKeys(services, options.knownKeys);
  await seedHistory(services, { options, nowMs, historyStartMs, keys });
  return await Promise.all(SAMPLE_TENANTS.map(async (sample) => {
    const { tenantId, name } = sample;
    const member = await ensureOwner(services, sample);
    return {
      tenantId,
      name,
      apiKey: keyOf(keys, tenantId).secret,
      portalLoginUrl: await services.magicLinks.issue(member, { lifeMs: LINK_LIFE_MS }),
    };
  }));
}

async function publishPlans(services: Services, text: string): Promise<readonly PlanVersion[]> {
  const file = must(parsePlansFile(text));
  const proposed = must(await proposePlansFile(services.catalog, file));
  must(await publishProposed(services.catalog, proposed));
  return (await services.plans.plans()).filter(({ status }) => status === "published");
}

async function ensureTenant(
  services: Services,
  { sample, plans, startMs }: {
    readonly sample: SampleTenant;
    readonly plans: readonly PlanVersion[];
    readonly startMs: number;
  },
): Promise<void> {
  const { tenantId, name, planId, color, locale, timeZone, ownerEmail } = sample;
  if (await services.tenants.tenant(tenantId) === null) {
    const plan = plans.filter((candidate) => candidate.planId === planId)
      .sort((a, b) => b.revision - a.revision)[0];
    if (plan === undefined) throw new Error(`The sample catalogue has no plan ${planId}`);
    const { planRevision } = plan;
    const input = { tenantId, name, planRevision, color, locale, timeZone };
    must(await createTenant(input, { deps: services, act: ACT }));
  }
  const collection = { kind: "invoice" as const, daysUntilDue: 14 };
  must(
    await provisionTenant(services.billing, { tenantId, email: ownerEmail, startMs, collection }),
  );
}

async function ensureOwner(services: Services, sample: SampleTenant): Promise<Member> {
  const { tenantId, ownerEmail: email } = sample;
  const known = (await services.members.members(tenantId)).find((one) => one.email === email);
  if (known !== undefined) return known;
  const name = email.slice(0, email.indexOf("@"));
  const input = { tenantId, email, name: capitalized(name), role: "owner" as const };
  const deps = { ...services, sessions: services.portal.sessionStore };
  return must(await addMember(input, { deps, act: ACT }));
}

interface SampleKey {
  readonly keyId: string;
  readonly secret: string;
}
type SampleKeys = ReadonlyMap<string, SampleKey>;

/** The key of an earlier start goes on; otherwise there is a new one. By tenant id. */
async function ensureKeys(
  services: Services,
  knownKeys: SeedOptions["knownKeys"],
): Promise<SampleKeys> {
  const keys = new Map<string, SampleKey>();
  for (const { tenantId } of SAMPLE_TENANTS) {
    const secret = knownKeys.get(tenantId);
    const hash = secret === undefined ? null : hashApiKey(secret);
    const known = (await services.tenants.apiKeys(tenantId)).find((key) => key.hash === hash);
    if (secret !== undefined && known !== undefined) {
      keys.set(tenantId, { keyId: known.keyId, secret });
      continue;
    }
    const input = { tenantId, name: "Sandbox", mode: "test", scopes: ["*"] } as const;
    const created = must(await createApiKey(input, { deps: services, act: ACT }));
    keys.set(tenantId, { keyId: created.key.keyId, secret: created.secret });
  }
  return keys;
}

function keyOf(keys: SampleKeys, tenantId: string): SampleKey {
  const key = keys.get(tenantId);
  if (key === undefined) throw new Error(`The sample tenant ${tenantId} has no key`);
  return key;
}

async function ensurePrices(
  services: Services,
  { sample, nowMs }: { readonly sample: SampleTenant; readonly nowMs: number },
): Promise<void> {
  const { tenantId } = sample;
  for (const instrument of SAMPLE_INSTRUMENTS) {
    const { isin: instrumentId } = instrument;
    const stored = await services.market.instruments.instrument(tenantId, instrumentId);
    if (stored === null) await putSample(services, { tenantId, instrument, nowMs });
    // A quote of now, so that the price part of a first call is not stale.
    const timestamp = new Date(nowMs).toISOString();
    await putQuote(
      { tenantId, instrumentId, body: { ...quoteAround(instrument.close), timestamp } },
      services.market,
    );
  }
}

async function putSample(
  services: Services,
  { tenantId, instrument, nowMs }: {
    readonly tenantId: string;
    readonly instrument: SampleInstrument;
    readonly nowMs: number;
  },
): Promise<void> {
  const { isin: instrumentId, name, country, cfiCode, currency, mic } = instrument;
  const closes = sampleCloses(instrument, { endMs: nowMs, days: CLOSES });
  const terms = { isin: instrumentId, cfi_code: cfiCode, currency, mic, issuer: { name, country } };
  must(await putHistory({ tenantId, instrumentId, body: { closes } }, services.market));
  must(await putInstrument({ tenantId, instrumentId, body: terms }, services.market));
}

/** Hours of the past, recorded and folded by the real pipeline at their own time. */
async function seedHistory(
  services: Services,
  { options, nowMs, historyStartMs, keys }: {
    readonly options: SeedOptions;
    readonly nowMs: number;
    readonly historyStartMs: number;
    readonly keys: SampleKeys;
  },
): Promise<void> {
  let atMs = historyStartMs;
  const engine = options.engineAt({ nowMs: () => atMs });
  let counted = 0;
  for (let hour = 0; hour < HISTORY_HOURS; hour++, atMs += HOUR_MS) {
    const outcomes = await Promise.all(
      SAMPLE_TENANTS.map((sample) => {
        const { keyId } = keyOf(keys, sample.tenantId);
        return recordHour(services, { sample, engine, atMs, nowMs, keyId });
      }),
    );
    counted += outcomes.filter((isNew) => isNew).length;
    if (hour % 24 === 23) {
      await engine.folder.foldOwn();
      if (counted > 0) {
        options.say(`Recording usage of the past, day ${(hour + 1) / 24} of ${HISTORY_DAYS}`);
      }
    }
  }
  await engine.drain();
}

async function recordHour(
  services: Services,
  { sample, engine, atMs, nowMs, keyId }: {
    readonly sample: SampleTenant;
    readonly engine: MeteringEngine;
    readonly atMs: number;
    readonly nowMs: number;
    readonly keyId: string;
  },
): Promise<boolean> {
  const { tenantId } = sample;
  const tenant = (await services.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return false;
  const calls = BigInt(sampleCalls(sample, atMs));
  const { periodId } = periodAt(atMs, "month");
  // A sandbox that ran over a month's end has billed it: made-up units would be on no invoice.
  if (await services.billing.store.periodClose(tenantId, periodId) !== null) return false;
  const plan = (await services.plans.plan(tenant.planRevision))?.value;
  const offered = new Set(plan?.meters.map(({ meter }) => meter));
  const entries = METER_SHARES.flatMap(([meter, percent]) => {
    const units = calls * percent / 100n;
    if (units === 0n || !offered.has(meter)) return [];
    return [{
      tenantId,
      meter,
      planRevision: tenant.planRevision,
      periodId,
      keyId,
      units,
    }];
  });
  if (entries.length === 0) return false;
  const id = new Date(atMs).toISOString();
  const expiresAtMs = nowMs + 36 * 24 * HOUR_MS;
  const event = { tenantId, source: "sandbox/history", id, expiresAtMs };
  const { recorder } = engine;
  const outcome = await recordUnderNewest({ entries, event }, {
    recorder,
    epoch: () => services.tenants.epoch(),
  });
  if (outcome.kind === "committed") {
    const units = new Map(entries.map((entry) => [entry.meter, entry.units]));
    const counts = sampleCounts({ tenantId, startMs: atMs, keyId }, {
      calls: Number(calls),
      units,
    });
    await services.traffic.append({ tenantId, records: [], uses: new Map() }, counts);
    return true;
  }
  if (outcome.kind === "duplicate_event") return false;
  throw new Error(`Cannot record sample usage: ${outcome.kind}`);
}

/** The calls of an hour as the request log would have counted them; some were too fast. */
function sampleCounts(
  hour: Pick<CallCount, "tenantId" | "startMs" | "keyId">,
  { calls, units }: { readonly calls: number; readonly units: MeterUnits },
): readonly CallCount[] {
  const screening = units.get("screening") ?? 0n;
  const rated = new Map([...units].filter(([meter]) => meter !== "screening"));
  const refused = Math.floor(calls / 40);
  const ratings = { ...hour, route: "POST /v1/ratings" };
  return [
    { ...ratings, status: 200, calls, units: rated },
    ...refused === 0 ? [] : [{ ...ratings, status: 429, calls: refused, units: new Map() }],
    ...screening === 0n ? [] : [{
      ...hour,
      route: "POST /v1/screening",
      status: 200,
      calls: Number(screening),
      units: new Map([["screening", screening]]),
    }],
  ];
}

function quoteAround(close: number): { bid: string; ask: string; last: string } {
  const half = Math.max(0.01, close * 0.0001);
  const text = (price: number) => price.toFixed(2);
  return { bid: text(close - half), ask: text(close + half), last: text(close) };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Samples are ours: a refusal is a mistake in the program. */
function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`Cannot seed the sandbox: ${result.error.code}: ${result.error.detail}`);
}
