/** View models over real stores in memory and the fake books of billing. */
import { assert, assertEquals } from "@std/assert";
import type { ApiKey } from "@/lib/domain/tenant.ts";
import { createCursors } from "@/lib/auth/cursors.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createTrafficStore } from "@/lib/kv/traffic_store.ts";
import { loadAlerts } from "@/lib/portal/load_alerts.ts";
import { loadAudit } from "@/lib/portal/load_audit.ts";
import { loadInvoices } from "@/lib/portal/load_invoices.ts";
import { loadKeys } from "@/lib/portal/load_keys.ts";
import { loadLine } from "@/lib/portal/load_line.ts";
import { loadOverview } from "@/lib/portal/load_overview.ts";
import { loadPlan } from "@/lib/portal/load_plan.ts";
import { loadPlanPreview } from "@/lib/portal/load_plan_preview.ts";
import { loadRequests } from "@/lib/portal/load_requests.ts";
import { settingsModel } from "@/lib/portal/load_settings.ts";
import { loadStatement } from "@/lib/portal/load_statement.ts";
import { loadUsage } from "@/lib/portal/load_usage.ts";
import { sampleTerms } from "@/lib/portal/sample_terms.ts";
import { loadVisit } from "@/lib/portal/visit.ts";
import type { Session } from "@/lib/ports/sessions.ts";
import { billingWorld, GROWTH, use } from "../support/billing_world.ts";
import { sampleTenant } from "../support/samples.ts";

const TENANT = sampleTenant({ createdAtMs: Date.UTC(2026, 3, 1), stripeCustomerId: "cus_1" });
const HOUR = 3_600_000;

Deno.test("the overview's bill, quotas and day come from one set of books", async () => {
  await using world = await portalWorld();
  world.usage.uses.push(use(400n), use(50n, { day: 15, hour: 9 }), use(7n, { meter: "screening" }));
  const model = await loadOverview(world.deps, { tenant: TENANT, plan: GROWTH });
  const units = model.statement.lines.filter(({ meter }) => meter === "risk_score")
    .reduce((sum, line) => sum + line.units, 0n);
  assertEquals(units, 450n);
  assertEquals(model.quotas.find(({ meter }) => meter === "risk_score")?.usedUnits, 450n);
  assertEquals(model.lastDay.total, 50n);
  assertEquals(model.today.units, 50n);
  assert(model.projection !== null);
  assert(model.projection.low <= model.projection.amount);
  assert(model.projection.amount <= model.projection.high);
  assertEquals(model.hasKeys, true);
});

Deno.test("a tenant without usage has an overview that projects nothing", async () => {
  await using world = await portalWorld();
  const model = await loadOverview(world.deps, { tenant: TENANT, plan: GROWTH });
  assertEquals(model.projection, null);
  assertEquals(model.lastDay.total, 0n);
  assertEquals(model.health.state, "silent");
});

Deno.test("usage keeps its filters in every link, and an unknown key filters nothing", async () => {
  await using world = await portalWorld();
  world.usage.uses.push(use(400n), use(7n, { meter: "screening" }));
  const query = new URLSearchParams({ meter: "screening", key: "key_of_somebody_else" });
  const model = await loadUsage(world.deps, { tenant: TENANT, plan: GROWTH, query });
  assertEquals(model.series.total, 7n);
  assertEquals(model.filters.keyId, "");
  for (const { href } of model.ranges) assert(href.includes("meter=screening"));
  assert(model.ranges.some(({ href }) => href === model.currentRange));
});

Deno.test("calls and units split by key, feature or status, filter by each, and always add up", async () => {
  await using world = await portalWorld();
  const startMs = Math.floor(world.clock.nowMs() / HOUR) * HOUR;
  const { tenantId } = TENANT;
  const count = { tenantId, startMs, keyId: "key_1", route: "POST /v1/ratings", status: 200 };
  await world.deps.traffic.append({ tenantId, records: [], uses: new Map() }, [
    { ...count, calls: 6, units: new Map([["risk_score", 12n], ["screening", 1n]]) },
    { ...count, calls: 3, status: 429, units: new Map() },
    { ...count, calls: 2, keyId: "key_old", units: new Map([["risk_score", 2n]]) },
    { ...count, calls: 1, route: "POST /v1/screening", units: new Map([["screening", 4n]]) },
    { ...count, calls: 1, status: 503, units: new Map() },
  ]);
  const load = (query: Record<string, string>) =>
    loadUsage(world.deps, { tenant: TENANT, plan: GROWTH, query: new URLSearchParams(query) });
  for (const show of ["calls_by_status", "calls_by_feature", "calls_by_key"]) {
    assertEquals((await load({ show })).series.total, 13n, show);
  }
  const parts = async (query: Record<string, string>) =>
    (await load(query)).series.parts.map(({ label, total }) => [label, total]);
  assertEquals(await parts({ show: "calls_by_status" }), [["200", 9n], ["429", 3n], ["503", 1n]]);
  assertEquals(await parts({ show: "calls_by_key" }), [["Pricing", 11n], ["key_old", 2n]]);
  assertEquals(await parts({ show: "calls_by_status", status: "refused" }), [["429", 3n]]);
  assertEquals(await parts({ show: "calls_by_key", status: "503" }), [["Pricing", 1n]]);
  assertEquals(await parts({ show: "units_by_feature" }), [
    ["POST /v1/ratings", 15n],
    ["POST /v1/screening", 4n],
  ]);
  assertEquals(await parts({ feature: "POST /v1/ratings", key: "key_1" }), [
    ["Risk scores", 12n],
    ["Screening", 1n],
  ]);
  assertEquals(await parts({ feature: "POST /v1/ratings", meter: "screening" }), [[
    "Screening",
    1n,
  ]]);
  const model = await load({ show: "calls_by_status" });
  assertEquals(model.features, ["POST /v1/ratings", "POST /v1/screening"]);
  assertEquals(model.statuses, ["200", "429", "503"]);
  const minute = await load({ show: "calls_by_key", granularity: "minute" });
  assertEquals(minute.filters.granularity, "hour");
  assert(minute.clipped !== null);
  assertEquals((await load({ show: "nonsense", status: "9999" })).filters.show, "units_by_meter");
});

Deno.test("requests page by cursor and keep the chosen outcome", async () => {
  await using world = await portalWorld();
  const records = Array.from({ length: 60 }, (_, at) => ({
    requestId: `req_${at}`,
    tenantId: TENANT.tenantId,
    keyId: "key_1",
    atMs: world.clock.nowMs() - 60_000 + at,
    route: "POST /v1/ratings",
    status: at % 2 === 0 ? 200 : 429,
    code: at % 2 === 0 ? null : "rate_limited",
    units: 1n,
    cost: 0n,
    latencyMicros: 900,
  }));
  await world.deps.traffic.append({ tenantId: TENANT.tenantId, records, uses: new Map() }, []);
  const load = (query: string) =>
    loadRequests(world.deps, {
      tenant: TENANT,
      plan: GROWTH,
      query: new URLSearchParams(query),
    });
  const first = await load("");
  assertEquals(first.requests.length, 50);
  const next = new URL(first.nextHref ?? "", "http://x").searchParams.get("cursor") ?? "";
  assertEquals((await load(new URLSearchParams({ cursor: next }).toString())).requests.length, 10);
  const opened = world.deps.cursors.open(next, { owner: "ten_b", list: "portal requests" });
  assertEquals(opened.ok, false, "a cursor is sealed for its tenant");
  assertEquals((await load("cursor=made_up")).requests.length, 50);
  const refused = await load("status=refused");
  assert(refused.requests.every(({ status }) => status === 429));
  assertEquals((await load("status=nonsense")).filters.status, "");
});

Deno.test("keys show their state and last use, newest first", async () => {
  await using world = await portalWorld();
  const { keys } = await loadKeys(world.deps, { tenantId: TENANT.tenantId, draft: null });
  assertEquals(keys.map(({ keyId, state }) => [keyId, state]), [["key_1", "active"]]);
  assertEquals(keys[0]?.daily.length, 30);
});

Deno.test("the next unit's price follows the ladder from where the tenant stands", async () => {
  await using world = await portalWorld();
  world.usage.uses.push(use(1_200n));
  const model = await loadPlan(world.deps, { tenant: TENANT, plan: GROWTH });
  const now = model.marginal.find(({ meter }) => meter === "risk_score");
  // 100 included and 1,000 at a cent are used up: half a cent from here on.
  assertEquals([now?.usedUnits, now?.nextUnit], [1_200n, 500_000_000_000n]);
  assertEquals(model.others.map(({ planRevision }) => planRevision), ["scale@1"]);
});

Deno.test("a preview prices the same usage by both plans, and only offered plans have one", async () => {
  await using world = await portalWorld();
  world.usage.uses.push(use(1_200n));
  const load = (planRevision: string) =>
    loadPlanPreview(world.deps, { tenant: TENANT, plan: GROWTH, planRevision });
  const preview = await load("scale@1");
  assert(preview !== null);
  assert(preview.after.totalMinor !== preview.before.totalMinor);
  assertEquals(await load("secret@9"), null);
});

Deno.test("statements open into lines, lines into days, hours and back to the same units", async () => {
  await using world = await portalWorld();
  world.usage.uses.push(use(400n), use(900n, { day: 9, hour: 14 }));
  const periodId = "2026-05-01";
  const statement = await loadStatement(world.deps, { tenant: TENANT, periodId });
  assert(statement !== null);
  const query = { tenant: TENANT, currency: "usd", periodId, day: null, hour: null };
  for (const lineId of statement.explained) {
    const line = await loadLine(world.deps, { ...query, lineId });
    if (line === null || line.line.meter !== "risk_score") continue;
    assertEquals(line.days.total + line.unplacedUnits, line.line.units);
  }
  const day = String(Date.UTC(2026, 4, 9));
  const lineId = statement.explained.find((id) => id.includes("risk_score")) ?? "";
  const opened = await loadLine(world.deps, { ...query, lineId, day, hour: day });
  assertEquals(opened?.day?.startMs, Date.UTC(2026, 4, 9));
  for (const wrong of ["2026-05-02", "2031-01-01", "2020-01-01", "x"]) {
    assertEquals(await loadStatement(world.deps, { tenant: TENANT, periodId: wrong }), null);
  }
  assertEquals(await loadLine(world.deps, { ...query, lineId: "usage-none" }), null);
});

Deno.test("invoices of a provider that is away leave our own statements standing", async () => {
  await using world = await portalWorld();
  const provider = {
    ...world.deps.provider,
    mode: world.deps.provider.mode,
    invoices: () => Promise.reject(new Error("away")),
  };
  const model = await loadInvoices({ ...world.deps, provider }, { tenant: TENANT, plan: GROWTH });
  assertEquals(model.invoices, []);
  assertEquals(model.isUnavailable, true);
  assertEquals(model.periods.map(({ periodId }) => periodId), ["2026-05-01", "2026-04-01"]);
});

Deno.test("alerts and settings carry the version that a form was made from", async () => {
  await using world = await portalWorld();
  const stored = await world.deps.tenants.tenant(TENANT.tenantId);
  assert(stored !== null);
  const alerts = await loadAlerts(world.deps, { tenant: stored, plan: GROWTH });
  assertEquals(alerts.budgetForm.version, stored.versionstamp);
  assertEquals(alerts.alertForm.version, "");
  assertEquals(alerts.webhookSecret, null);
  assertEquals(settingsModel(stored, GROWTH, null).version, stored.versionstamp);
});

Deno.test("the audit page names members by address", async () => {
  await using world = await portalWorld();
  await world.deps.audit.append({
    chain: TENANT.tenantId,
    atMs: 1,
    actor: { kind: "member", id: "mem_1" },
    action: "api_key.revoked",
    subject: "key_1",
    before: null,
    after: { name: "x" },
    ip: null,
    requestId: "req_1",
  });
  const { entries } = await loadAudit(world.deps, {
    tenantId: TENANT.tenantId,
    query: new URLSearchParams(),
  });
  assertEquals(entries.map(({ actor, changes }) => [actor.kind, actor.name, changes]), [
    ["member", "ada@acme.example", [{ name: "name", before: null, after: "x" }]],
  ]);
});

Deno.test("a visit is the session's member in the session's tenant, or nothing", async () => {
  await using world = await portalWorld();
  const facts = {
    theme: "system",
    flash: null,
    csrfToken: null,
    formId: "form_1",
    nowMs: 0,
    ip: null,
    requestId: "req_1",
  } as const;
  const visit = (owner: Session["owner"]) => loadVisit(world.deps, sessionOf(owner), facts);
  const own = { kind: "member", tenantId: TENANT.tenantId, memberId: "mem_1" } as const;
  assertEquals((await visit(own))?.frame.member.email, "ada@acme.example");
  assertEquals(await visit({ ...own, memberId: "mem_2" }), null);
  assertEquals(await visit({ ...own, tenantId: "ten_b" }), null);
  assertEquals(await visit({ kind: "operator", operatorId: "op" }), null);
  assertEquals(await loadVisit(world.deps, null, facts), null);
});

Deno.test("snippets name our address, and ask for a part that the plan has", async () => {
  await using world = await portalWorld();
  const deps = { baseUrl: "http://x", clock: world.clock };
  assertEquals(sampleTerms(deps).baseUrl, "http://x");
  assertEquals(sampleTerms(deps).body["include"], ["compliance"]);
  const meters = GROWTH.meters.filter(({ meter }) => meter !== "compliance");
  assertEquals("include" in sampleTerms(deps, { ...GROWTH, meters }).body, false);
});

async function portalWorld() {
  const world = await billingWorld(TENANT);
  const kv = await Deno.openKv(":memory:");
  const tenants = createKvTenantStore(kv);
  const members = createKvMemberStore(kv);
  await tenants.putTenant(TENANT, null);
  await tenants.putApiKey(sampleKey(world.clock.nowMs() - HOUR), null);
  await members.putMember({
    memberId: "mem_1",
    tenantId: TENANT.tenantId,
    email: "ada@acme.example",
    name: "Ada",
    role: "owner",
    createdAtMs: 0,
    lastSignInAtMs: null,
  }, null);
  return {
    usage: world.usage,
    clock: world.clock,
    deps: {
      ...world.deps,
      tenants,
      members,
      plans: world.plans,
      traffic: createTrafficStore({ kv, instanceId: "trf_1" }),
      audit: createKvAuditLog(kv),
      cursors: createCursors("s".repeat(32)),
    },
    [Symbol.asyncDispose]: () => {
      world.close();
      kv.close();
      return Promise.resolve();
    },
  };
}

function sampleKey(createdAtMs: number): ApiKey {
  return {
    keyId: "key_1",
    tenantId: TENANT.tenantId,
    name: "Pricing",
    hash: "0".repeat(64),
    mode: "live",
    hint: "cm_live_abc…wxyz",
    scopes: ["*"],
    ipAllowList: null,
    createdAtMs,
    expiresAtMs: null,
    revokedAtMs: null,
  };
}

function sessionOf(owner: Session["owner"]): Session {
  return {
    sessionId: "ses_1",
    hash: "",
    owner,
    method: "magic_link",
    createdAtMs: 0,
    lastSeenAtMs: 0,
    idleEndsAtMs: 1,
    absoluteEndsAtMs: 1,
    provenAtMs: 0,
    ip: null,
    userAgent: null,
    impersonatedBy: null,
  };
}
