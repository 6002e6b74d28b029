/** One request of every operation of the operator API that changes something, each on things of its own. */
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { meterEventName } from "@/lib/domain/meter.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { proposeCorrection } from "@/lib/metering/corrections.ts";
import { type ApiReply, type ApiWorld, must, OPERATOR_TOKEN } from "./api_world.ts";

export interface SampleAct {
  /** Below `/operator/v1`. */
  readonly path: string;
  readonly json?: unknown;
}

export interface OperatorActs {
  send(method: string, path: string, json?: unknown, headers?: HeadersRecord): Promise<ApiReply>;
  /** By operation id: prepares what the request needs, and returns it. */
  readonly samples: Readonly<Record<string, () => Promise<SampleAct>>>;
}

type HeadersRecord = Readonly<Record<string, string>>;

const BY_INVOICE = { collection: { kind: "invoice", days_until_due: 30 } };
const KEY = { name: "prod", mode: "test", scopes: ["usage:read"] };
const ISSUER = {
  issuer: "https://id.example.com",
  jwks_url: "https://9.9.9.9/jwks",
  algorithms: ["ES256"],
  mode: "test",
  scopes: ["ratings:read"],
};
const METER = {
  meter: "risk_score",
  included_units: 10,
  price: { model: "per_unit", unit_amount: "0.01" },
};

export function operatorActs(world: ApiWorld): OperatorActs {
  const { services } = world.runtime;
  let count = 0;

  const send: OperatorActs["send"] = (method, path, json, headers = {}) =>
    world.send({ method, path: `/operator/v1${path}`, key: OPERATOR_TOKEN, json, headers });

  async function made(method: string, path: string, json: unknown = {}) {
    const reply = await send(method, path, json);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`);
    return reply.body;
  }

  function terms(planId: string) {
    return {
      plan_id: planId,
      name: "Desk",
      currency: "usd",
      interval: "month",
      base_fee: String(++count),
      meters: [METER],
      limits: { requests_per_second: 50, burst: 100 },
    };
  }

  async function draft(planId = `plan${++count}`) {
    const { draft } = await made("POST", "/plans/drafts", terms(planId));
    const { dry_run_id } = await made("POST", `/plans/${draft.plan_revision}/dry-run`);
    return { planId, planRevision: String(draft.plan_revision), dry_run_id };
  }

  async function published(planId?: string): Promise<{ planId: string; plan_revision: string }> {
    const { planRevision, dry_run_id, ...plan } = await draft(planId);
    await made("POST", `/plans/${planRevision}/publish`, { dry_run_id });
    return { ...plan, plan_revision: planRevision };
  }

  async function tenant() {
    const { planId, plan_revision } = await published();
    const tenantId = `ten_act${++count}`;
    await made("POST", "/tenants", { name: tenantId, plan_revision, tenant_id: tenantId });
    return { tenantId, path: `/tenants/${tenantId}`, planId, plan_revision };
  }

  async function billed() {
    const { path, ...rest } = await tenant();
    await made("POST", `${path}/provision`, BY_INVOICE);
    return { path, ...rest };
  }

  async function key() {
    const { path } = await tenant();
    const { key } = await made("POST", `${path}/keys`, KEY);
    return `${path}/keys/${key.key_id}`;
  }

  async function correction() {
    const { tenantId, path, plan_revision } = await billed();
    const { correctionId } = must(
      await proposeCorrection({
        tenantId,
        meter: METER.meter,
        planRevision: plan_revision,
        periodId: openPeriod(),
        units: 30_000n,
        reason: "Found by hand",
        author: "ada@example.com",
      }, services.corrections),
    );
    return `${path}/corrections/${correctionId}`;
  }

  async function adjustment() {
    const { tenantId, path } = await tenant();
    const { adjustmentId } = must(
      await adjustMoney(services.billing, {
        tenantId,
        amountMinor: -300_000n,
        note: "Outage",
        createdBy: "ada@example.com",
      }),
    );
    return `${path}/adjustments/${adjustmentId}`;
  }

  async function proposedCredit() {
    const { tenantId, path } = await billed();
    const creditId = `crd_act${++count}`;
    must(
      await grantCredit(services.billing, {
        tenantId,
        name: "Welcome",
        category: "promotional",
        amountMinor: 300_000n,
        expiresAtMs: null,
        creditId,
        act: {
          actor: { kind: "operator", id: "ada@example.com" },
          ip: null,
          requestId: "req_tests",
        },
      }),
    );
    return `${path}/credits/${creditId}`;
  }

  /** Stripe has units of a tenant that the books know nothing of. */
  async function gap() {
    const { tenantId, path } = await billed();
    const { tenants, billing, clock } = services;
    const found = await tenants.tenant(tenantId);
    if (found === null) throw new Error("It was made just now");
    // Older than the hours that are looked at, whatever the time of day is.
    const createdAtMs = clock.nowMs() - 3 * 86_400_000;
    await tenants.putTenant({ ...found.value, createdAtMs }, found.versionstamp);
    const timestampMs = Math.floor((clock.nowMs() - 3 * 3_600_000) / 60_000) * 60_000;
    await billing.provider.sendMeterEvent({
      identifier: `lost${++count}`,
      eventName: meterEventName(METER.meter),
      stripeCustomerId: found.value.stripeCustomerId ?? "",
      units: 7n,
      timestampMs,
      attempt: 1,
    });
    return { path, day: new Date(timestampMs).toISOString().slice(0, 10) };
  }

  async function entry(state: OutboxEntry["state"]) {
    const { tenantId, path, plan_revision } = await billed();
    await made("POST", `${path}/corrections`, fix(plan_revision));
    const { entries: [sealed] } = await services.usage.outbox({ tenantId, limit: 1 });
    const { outbox } = services.outboxActions;
    const found = await outbox.find(sealed?.entryId ?? "");
    if (found === null) throw new Error("A correction is sealed at once");
    await outbox.move(found, { ...found.value, state, reason: "tests" });
    return `/outbox/${found.value.entryId}`;
  }

  function fix(plan_revision: string) {
    const line = { meter: METER.meter, plan_revision, period_id: openPeriod() };
    return { ...line, units: 5, reason: "Counted twice" };
  }

  function openPeriod(): string {
    return `${new Date(services.clock.nowMs()).toISOString().slice(0, 8)}01`;
  }

  const on =
    <T>(make: () => Promise<T>, act: (made: T) => SampleAct | Promise<SampleAct>) => async () =>
      await act(await make());
  const reason = "Because";

  return {
    send,
    samples: {
      createTenant: on(published, ({ plan_revision }) => ({
        path: "/tenants",
        json: { name: "New", plan_revision },
      })),
      changeTenantSettings: on(tenant, ({ path }) => ({
        path: `${path}/settings`,
        json: { name: "Renamed" },
      })),
      setTenantStatus: on(tenant, ({ path }) => ({
        path: `${path}/status`,
        json: { status: "suspended" },
      })),
      provisionTenant: on(tenant, ({ path }) => ({ path: `${path}/provision`, json: BY_INVOICE })),
      setTenantOverrides: on(tenant, ({ path }) => ({
        path: `${path}/overrides`,
        json: { burst: 5 },
      })),
      setTenantBudget: on(tenant, ({ path }) => ({
        path: `${path}/budget`,
        json: { budget: { amount: "25.50", stop: true } },
      })),
      previewTenantPlan: on(tenant, async ({ path, planId }) => ({
        path: `${path}/plan/preview`,
        json: { plan_revision: (await published(planId)).plan_revision },
      })),
      setTenantPlan: on(tenant, async ({ path, planId }) => ({
        path: `${path}/plan`,
        json: { plan_revision: (await published(planId)).plan_revision },
      })),
      createKey: on(tenant, ({ path }) => ({ path: `${path}/keys`, json: KEY })),
      rotateKey: on(key, (path) => ({ path: `${path}/rotate`, json: { grace_seconds: 0 } })),
      revokeKey: on(key, (path) => ({ path: `${path}/revoke` })),
      addMember: on(tenant, ({ path }) => ({
        path: `${path}/members`,
        json: { email: "ola@example.com", name: "Ola", role: "owner" },
      })),
      registerIssuer: on(tenant, ({ path }) => ({ path: `${path}/issuers`, json: ISSUER })),
      revokeIssuer: on(tenant, async ({ path }) => {
        await made("PUT", `${path}/issuers`, ISSUER);
        return { path: `${path}/issuers/revoke`, json: { issuer: ISSUER.issuer } };
      }),
      savePlanDraft: () =>
        Promise.resolve({ path: "/plans/drafts", json: terms(`plan${++count}`) }),
      diffPlan: on(published, ({ planId }) => ({ path: "/plans/diff", json: terms(planId) })),
      dryRunPlan: on(draft, ({ planRevision }) => ({
        path: `/plans/${planRevision}/dry-run`,
        json: { periods: 1 },
      })),
      publishPlan: on(draft, ({ planRevision, dry_run_id }) => ({
        path: `/plans/${planRevision}/publish`,
        json: { dry_run_id },
      })),
      archivePlan: on(published, ({ plan_revision }) => ({
        path: `/plans/${plan_revision}/archive`,
      })),
      migrateTenants: on(tenant, async ({ planId, tenantId }) => ({
        path: `/plans/${(await published(planId)).plan_revision}/migrate`,
        json: { tenant_ids: [tenantId, "ten_none"] },
      })),
      adjustMoney: on(tenant, ({ path }) => ({
        path: `${path}/adjustments`,
        json: { amount_minor: -250, note: "Sorry" },
      })),
      approveAdjustment: on(adjustment, (path) => ({ path: `${path}/approve` })),
      refuseAdjustment: on(adjustment, (path) => ({ path: `${path}/refuse` })),
      grantCredit: on(billed, ({ path }) => ({
        path: `${path}/credits`,
        json: { name: "Welcome", category: "promotional", amount_minor: 5_000 },
      })),
      approveCredit: on(proposedCredit, (path) => ({ path: `${path}/approve` })),
      refuseCredit: on(proposedCredit, (path) => ({ path: `${path}/refuse` })),
      bookRestoreGap: on(gap, ({ path, day }) => ({
        path: `${path}/gaps`,
        json: { meter: METER.meter, day, reason },
      })),
      proposeCorrection: on(billed, ({ path, plan_revision }) => ({
        path: `${path}/corrections`,
        json: fix(plan_revision),
      })),
      approveCorrection: on(correction, (path) => ({ path: `${path}/approve` })),
      refuseCorrection: on(correction, (path) => ({ path: `${path}/refuse` })),
      retryOutboxEntry: on(() => entry("held"), (path) => ({
        path: `${path}/retry`,
        json: { reason },
      })),
      writeOffOutboxEntry: on(() => entry("held"), (path) => ({
        path: `${path}/write-off`,
        json: { reason },
      })),
      resolveOutboxEntry: on(() => entry("doubtful"), (path) => ({
        path: `${path}/resolve`,
        json: { delivered: false, reason },
      })),
      reconcile: on(billed, ({ tenantId }) => ({
        path: "/reconcile",
        json: { tenant_id: tenantId },
      })),
      tryPeriodClose: on(billed, async ({ path, tenantId }) => {
        const before = periodAt(Date.parse(openPeriod()) - 1, "month");
        const tenant = await services.tenants.tenant(tenantId);
        if (tenant === null) throw new Error("The tenant was made just now");
        const older = { ...tenant.value, createdAtMs: before.startMs };
        await services.tenants.putTenant(older, tenant.versionstamp);
        return { path: `${path}/periods/${before.periodId}/close` };
      }),
      releasePeriod: on(billed, async ({ path, tenantId }) => {
        const periodId = openPeriod();
        await services.billing.store.putPeriodClose({
          tenantId,
          periodId,
          state: "held",
          invoiceId: "in_tests",
          reasons: [],
          attempts: 1,
          updatedAtMs: services.clock.nowMs(),
          closingSinceMs: null,
        }, null);
        return { path: `${path}/periods/${periodId}/release`, json: { reason } };
      }),
      checkConnection: () => Promise.resolve({ path: "/connection/check" }),
      replayNotice: async () => {
        const eventId = `evt_act${++count}`;
        await services.billing.store.receive({
          eventId,
          type: "customer.created",
          createdAtMs: services.clock.nowMs(),
          kind: "other",
        }, { atMs: services.clock.nowMs(), via: "snapshot" });
        return { path: `/webhooks/notices/${eventId}/replay` };
      },
      resendAlert: on(tenant, async ({ path, tenantId }) => {
        const alert = {
          alertId: `alr_act${++count}`,
          tenantId,
          periodId: openPeriod(),
          subject: { kind: "budget" as const },
          percent: 90,
          used: 9n,
          limit: 10n,
          createdAtMs: services.clock.nowMs(),
          delivery: {
            state: "failed" as const,
            attempts: 1,
            detail: "unreachable",
            channels: [],
            triedAtMs: null,
          },
        };
        await services.billing.store.putAlertState({ ...alert, firedPercent: 90 }, null, alert);
        return { path: `${path}/alerts/${alert.alertId}/resend` };
      }),
      runChore: () => Promise.resolve({ path: "/chores/daily/run" }),
      flush: () => Promise.resolve({ path: "/flush" }),
      flushTenant: on(billed, ({ path }) => ({ path: `${path}/flush` })),
      putOperatorList: () =>
        Promise.resolve({
          path: `/lists/world${++count}`,
          json: {
            kind: "sanctions",
            as_of: "2026-01-01",
            entries: [{ id: "1", name: "Somebody" }],
          },
        }),
    },
  };
}
