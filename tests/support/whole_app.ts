/**
 * The whole app in this process, on real parts: embedded KV in memory, Stripe simulator, our Fresh.
 * Built once per test file; browsers use it over HTTP.
 */
import { Builder } from "fresh/dev";
import config from "@/fresh.config.ts";
import { compose, type Runtime } from "@/lib/compose.ts";
import { createApp } from "@/lib/create_app.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";
import type { AppState } from "@/lib/http/define.ts";
import { recordUnderNewest } from "@/lib/metering/record_under_newest.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { createOutboxMailer } from "@/lib/platform/outbox_mailer.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Mail } from "@/lib/ports/mailer.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { createApiKey } from "@/lib/tenancy/api_keys.ts";
import { addMember } from "@/lib/tenancy/members.ts";
import { createTenant } from "@/lib/tenancy/tenants.ts";
import { midMonthClock } from "./mid_month_clock.ts";
import { PATIENT_KV } from "./patient_kv.ts";

export interface WholeApp extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly baseUrl: string;
  /** Mails to one address, newest first. */
  mails(to: string): readonly Mail[];
  /** A tenant on the sample plan, with an owner and a viewer. */
  tenant(tenantId: string, name: string): Promise<{ readonly apiKey: string }>;
}

export const ACT: Act = { actor: { kind: "system", id: "tests" }, ip: null, requestId: "req_test" };

export async function startWholeApp(
  variables: Readonly<Record<string, string>> = {},
  { clock = midMonthClock }: { readonly clock?: Clock } = {},
): Promise<WholeApp> {
  // Listens before there is an app: the app must know its address, and nobody may take it meanwhile.
  const made = Promise.withResolvers<Deno.ServeHandler<Deno.NetAddr>>();
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request, info) => await (await made.promise)(request, info),
  );
  const { port } = server.addr;
  const baseUrl = `http://127.0.0.1:${port}`;
  const env = parseEnv({
    KV_URL: ":memory:",
    PORT: String(port),
    BASE_URL: baseUrl,
    LOG_LEVEL: "error",
    SANDBOX_SEED: "0",
    ...variables,
  });
  if (!env.ok) throw new Error(env.error.detail);
  const mailer = createOutboxMailer({ clock, show: () => {} });
  const runtime = await compose(env.value, { mailer, clock, kv: PATIENT_KV });
  const { services } = runtime;
  for (const plan of samplePlans()) await services.plans.putPlan(plan, null);
  const app = createApp(services);
  const apply = await new Builder<AppState>(config.build).build({ snapshot: "memory" });
  apply(app);
  // Folds windows, but does no recurring work behind a test: each asks for what it is about.
  services.engine.start();
  made.resolve(app.handler());

  return {
    runtime,
    baseUrl,
    mails: (to) => mailer.mails(to),
    tenant: async (tenantId, name) => {
      const made = await createTenant({
        tenantId,
        name,
        planRevision: "growth@1",
        timeZone: "America/New_York",
        locale: "en-US",
        color: "#2f6f4e",
      }, { deps: services, act: ACT });
      if (!made.ok) throw new Error(made.error.detail);
      const deps = { ...services, sessions: services.portal.sessionStore };
      for (const role of ["owner", "viewer"] as const) {
        const email = `${role}@${tenantId.replaceAll("_", "-")}.example`;
        const input = { tenantId, email, name: `Sample ${role}`, role };
        const added = await addMember(input, { deps, act: ACT });
        if (!added.ok) throw new Error(added.error.detail);
      }
      const key = await createApiKey(
        { tenantId, name: "Pricing service", mode: "test", scopes: ["*"] },
        { deps: services, act: ACT },
      );
      if (!key.ok) throw new Error(key.error.detail);
      return { apiKey: key.value.secret };
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await runtime.stop();
    },
  };
}

/** Counts units as an answered call would, now. */
export async function useUnits(
  { services }: Runtime,
  { tenantId, meter, units }: { tenantId: string; meter: string; units: bigint },
): Promise<void> {
  const tenant = (await services.tenants.tenant(tenantId))?.value;
  const key = (await services.tenants.apiKeys(tenantId))[0];
  if (tenant === undefined || key === undefined) throw new Error(`No tenant ${tenantId}`);
  const periodId = `${new Date(services.clock.nowMs()).toISOString().slice(0, 7)}-01`;
  const { planRevision } = tenant;
  const entry = { tenantId, meter, units, keyId: key.keyId, planRevision, periodId };
  const { kind } = await recordUnderNewest({ entries: [entry] }, {
    recorder: services.recorder,
    epoch: () => services.tenants.epoch(),
  });
  if (kind !== "committed") throw new Error(`Not committed: ${kind}`);
  // Bills and charts are as of the last fold; one that was under way may have begun before these.
  await services.engine.folder.foldOwn();
  await services.engine.folder.foldOwn();
}

/** Changes a tenant behind everybody's back, also while a webhook does. */
export async function changeTenant(
  { services: { tenants } }: Pick<Runtime, "services">,
  tenantId: string,
  change: (tenant: Tenant) => Partial<Tenant>,
): Promise<void> {
  for (;;) {
    const found = await tenants.tenant(tenantId);
    if (found === null) throw new Error(`No tenant ${tenantId}`);
    const changed = { ...found.value, ...change(found.value) };
    if ((await tenants.putTenant(changed, found.versionstamp)).ok) return;
  }
}

function samplePlans(): readonly PlanVersion[] {
  const cents = (hundredths: bigint) => fromMinor(hundredths) / 100n;
  const plan = (
    planId: string,
    { name, fee, first }: { name: string; fee: bigint; first: bigint },
  ): PlanVersion => ({
    planId,
    revision: 1,
    planRevision: `${planId}@1`,
    name,
    description: "For a desk that rates all day.",
    currency: "usd",
    interval: "month",
    baseFee: fromMinor(fee),
    minimumCommitment: 0n,
    meters: [
      {
        meter: "risk_score",
        price: {
          model: "graduated",
          tiers: tierLadder(
            { upTo: 10_000n, unitAmount: cents(first), flatAmount: 0n },
            { upTo: 100_000n, unitAmount: cents(first / 2n), flatAmount: 0n },
            { upTo: null, unitAmount: cents(first / 4n), flatAmount: 0n },
          ),
        },
        includedUnits: 1_000n,
        quota: { units: 250_000n, enforcement: "hard" },
      },
      {
        meter: "compliance",
        price: { model: "per_unit", unitAmount: cents(50n) },
        includedUnits: 0n,
        quota: null,
      },
    ],
    features: ["batch", "events:write"],
    limits: { requestsPerSecond: 50, burst: 100 },
    graceDays: 7,
    status: "published",
    createdAtMs: 0,
  });
  return [
    plan("starter", { name: "Starter", fee: 0n, first: 300n }),
    plan("growth", { name: "Growth", fee: 9_900n, first: 200n }),
    plan("scale", { name: "Scale", fee: 49_900n, first: 120n }),
  ];
}
