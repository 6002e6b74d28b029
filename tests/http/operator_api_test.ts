/** The operator API as its users meet it: one request in, one answer out, on the whole app. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { receiveNotice } from "@/lib/billing/apply_notice.ts";
import { OPERATOR_OPERATIONS } from "@/lib/http/operator/operations.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Alert } from "@/lib/ports/watch_store.ts";
import { proposeCorrection } from "@/lib/metering/corrections.ts";
import { type ApiReply, must, OPERATOR_TOKEN, startApi } from "@/tests/support/api_world.ts";
import { midMonthClock } from "@/tests/support/mid_month_clock.ts";

const world = await startApi({}, { clock: midMonthClock });
const { services } = world.runtime;
globalThis.addEventListener("unload", () => void world[Symbol.asyncDispose]());

const V1 = "/operator/v1";
/** What `world.tenant` puts a tenant on, as terms of a plan of its own. */
const TERMS = {
  plan_id: "desk",
  name: "Desk",
  currency: "usd",
  interval: "month",
  base_fee: "10",
  meters: [
    { meter: "risk_score", included_units: 10, price: { model: "per_unit", unit_amount: "0.01" } },
  ],
  limits: { requests_per_second: 50, burst: 100 },
};

/** A base fee is due at once, and these tenants have no card. */
const BY_INVOICE = { collection: { kind: "invoice", days_until_due: 30 } };

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

function send(method: string, path: string, json?: unknown, headers = {}): Promise<ApiReply> {
  return world.send({ method, path: V1 + path, key: OPERATOR_TOKEN, json, headers });
}

/** Sends, and fails unless the answer has this status. */
async function ok(method: string, path: string, json?: unknown, status = 200) {
  const reply = await send(method, path, json);
  assertEquals(reply.status, status, `${method} ${path}: ${reply.text}`);
  return reply.body;
}

async function refused(method: string, path: string, json?: unknown) {
  const { status, body, headers } = await send(method, path, json);
  assertEquals(headers.get("content-type"), "application/problem+json");
  return [status, body.code];
}

/** Rows of a chain that an operator's acts left. */
async function operatorRows(chain: string): Promise<readonly string[]> {
  const { items } = await services.audit.entries({ chain, limit: 200 });
  return items.filter(({ actor }) => actor.kind === "operator" && actor.id === "operator")
    .map(({ action }) => action);
}

/** A published version of a plan of its own. */
async function publishedPlan(planId: string, change = {}): Promise<string> {
  const terms = { ...TERMS, plan_id: planId, ...change };
  const { draft } = await ok("POST", "/plans/drafts", terms);
  const revision = draft.plan_revision;
  const run = await ok("POST", `/plans/${revision}/dry-run`, {}, 201);
  await ok("POST", `/plans/${revision}/publish`, { dry_run_id: run.dry_run_id });
  return revision;
}

api(
  "every operation is served, described, takes the token alone, and has its methods",
  async () => {
    const { key } = await world.tenant("tn_not_operator");
    const { body: document } = await send("GET", "/openapi.json");
    for (const { path, method } of OPERATOR_OPERATIONS) {
      assert(document.paths[path]?.[method.toLowerCase()], `${method} ${path} is not described`);
      const target = path.replace(/\{\w+\}/g, "x");
      const wrong = await world.send({ method: "DELETE", path: target, key: OPERATOR_TOKEN });
      assertEquals([wrong.status, wrong.body.code], [405, "method_not_allowed"], path);
      assertStringIncludes(wrong.headers.get("allow") ?? "", method);
      for (const credential of [{}, { key }, { key: "wrong" }]) {
        const reply = await world.send({ method, path: target, ...credential });
        assertEquals(reply.status, 401, `${method} ${path}`);
      }
    }
    assertEquals((await world.send({ path: `${V1}/openapi.json` })).status, 401);
  },
);

api("every route file serves operations of the table, and every operation has one", async () => {
  const paths = new Set(OPERATOR_OPERATIONS.map(({ path }) => path));
  const files: string[] = [];
  await collect(new URL("../../routes/operator/v1/", import.meta.url), V1);
  assertEquals(new Set(files), new Set([...paths, `${V1}/openapi.json`]));

  async function collect(folder: URL, path: string): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const inner = name.replace(/\.ts$/, "").replace(/^\[(\w+)\]$/, "{$1}");
      if (isDirectory) await collect(new URL(`${name}/`, folder), `${path}/${inner}`);
      else files.push(inner === "index" ? path : `${path}/${inner}`);
    }
  }
});

api("ids and paths of the operations are unique, and their problems are listed", () => {
  const ids = OPERATOR_OPERATIONS.map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
  const routes = OPERATOR_OPERATIONS.map(({ method, path }) => `${method} ${path}`);
  assertEquals(new Set(routes).size, routes.length);
  return Promise.resolve();
});

api("unknown members, unknown query words and oversized bodies are refused", async () => {
  const { tenantId } = await world.tenant("tn_strict");
  for (const { path, method, input } of OPERATOR_OPERATIONS) {
    const target = path.slice(V1.length).replace("{tenant}", tenantId).replace(/\{\w+\}/g, "x");
    if (method === "GET") {
      const reply = await send("GET", `${target}?colour=red`);
      assertEquals([reply.status, reply.body.code], [422, "validation_failed"], path);
      continue;
    }
    const takesBody = !input.safeParse({}).success || input.safeParse({ colour: 1 }).success;
    if (!takesBody) continue;
    const [status] = await refused(method, target, { colour: "red" });
    assert(status === 422, `${method} ${path} answered ${status}`);
  }
  const large = await send("PATCH", `/tenants/${tenantId}/settings`, { name: "x".repeat(70_000) });
  assertEquals([large.status, large.body.code], [413, "body_too_large"]);
  const twice = await world.send({
    method: "PUT",
    path: `${V1}/tenants/${tenantId}/status`,
    key: OPERATOR_TOKEN,
    body: '{"status":"active","status":"suspended"}',
    headers: { "content-type": "application/json" },
  });
  assertEquals([twice.status, twice.body.code], [400, "duplicate_json_key"]);
});

api("a tenant from its creation over a metered call to its suspension, act by act", async () => {
  const planRevision = await publishedPlan("flow");
  const path = "/tenants/ten_flow";
  const created = await ok("POST", "/tenants", {
    name: "Flow",
    plan_revision: planRevision,
    tenant_id: "ten_flow",
  }, 201);
  assertEquals([created.tenant_id, created.status, created.budget], ["ten_flow", "active", null]);
  assertEquals(
    await refused("POST", "/tenants", {
      name: "Flow",
      plan_revision: planRevision,
      tenant_id: "ten_flow",
    }),
    [409, "tenant_exists"],
  );

  await ok("POST", `${path}/members`, { email: "o@example.com", name: "Ola", role: "owner" }, 201);
  const provisioned = await ok("POST", `${path}/provision`, BY_INVOICE);
  assert(provisioned.stripe_customer_id !== null && provisioned.stripe_subscription_id !== null);
  const { key, secret } = await ok("POST", `${path}/keys`, {
    name: "prod",
    mode: "test",
    scopes: ["events:write", "usage:read"],
  }, 201);
  assertEquals(key.hash, undefined);

  const call = () => world.send({ path: "/v1/plan", key: secret });
  assertEquals((await call()).status, 200);
  await ok("PUT", `${path}/overrides`, { features: { "events:write": true } });
  const counted = await world.send({
    path: "/v1/events",
    key: secret,
    headers: { "content-type": "application/cloudevents+json" },
    body: JSON.stringify({
      specversion: "1.0",
      id: "1",
      source: "/flow",
      type: "usage",
      data: { meter: "risk_score", units: 42 },
    }),
  });
  assertEquals(counted.status, 200, counted.text);
  await ok("POST", `${path}/flush`);
  const { items: [line] } = await ok("GET", "/books?tenant_id=ten_flow");
  assertEquals([line.acknowledged, line.difference], [42, 0]);

  const adjustment = { amount_minor: -250, note: "Sorry", adjustment_id: "adj_1" };
  for (let time = 0; time < 2; time++) await ok("POST", `${path}/adjustments`, adjustment, 201);
  const { items: adjustments } = await ok("GET", `${path}/adjustments`);
  assertEquals(adjustments.length, 1);
  assertEquals([adjustments[0].amount_minor, adjustments[0].created_by], [-250, "operator"]);
  await ok("POST", `${path}/credits`, {
    name: "Welcome",
    category: "promotional",
    amount_minor: 5_000,
  }, 201);
  const { items: [credit] } = await ok("GET", `${path}/credits`);
  assert(credit.credit_grant_id !== null, "Stripe has the credit too");

  const budget = await ok("PUT", `${path}/budget`, { budget: { amount: "25.50", stop: true } });
  assertEquals(budget.budget, { amount: "25.50", currency: "usd", stop: true });
  const rotated = await ok("POST", `${path}/keys/${key.key_id}/rotate`, { grace_seconds: 60 }, 201);
  assertEquals((await world.send({ path: "/v1/plan", key: rotated.secret })).status, 200);
  await ok("POST", `${path}/keys/${key.key_id}/revoke`);
  assertEquals((await call()).body.code, "revoked_credential");

  await ok("PUT", `${path}/status`, { status: "suspended" });
  const late = await world.send({ path: "/v1/plan", key: rotated.secret });
  assertEquals([late.status, late.body.code], [403, "tenant_suspended"]);

  assertEquals((await operatorRows("ten_flow")).toReversed(), [
    "tenant.created",
    "member.added",
    "tenant.provisioned",
    "api_key.created",
    "tenant.limits_changed",
    "tenant.flushed",
    "adjustment.created",
    "credit.granted",
    "tenant.budget_changed",
    "api_key.rotated",
    "api_key.grace_started",
    "api_key.revoked",
    "tenant.suspended",
  ]);
});

api("no tenant can have the id that names the operator's own audit chain", async () => {
  const plan_revision = await publishedPlan("reserved");
  for (const tenant_id of [OPERATOR_CHAIN, "a", "Upper", "with/slash", "__proto__"]) {
    const tenant = { name: "Reserved", plan_revision, tenant_id };
    assertEquals(await refused("POST", "/tenants", tenant), [422, "validation_failed"], tenant_id);
  }
});

api("an edit for another version of a tenant than the stored one is refused", async () => {
  const { tenantId } = await world.tenant("tn_etag");
  const first = await send("GET", `/tenants/${tenantId}`);
  const etag = first.headers.get("etag") ?? "";
  const edit = (name: string) =>
    send("PATCH", `/tenants/${tenantId}/settings`, { name }, { "if-match": etag });
  assertEquals((await edit("One")).body.name, "One");
  const stale = await edit("Two");
  assertEquals([stale.status, stale.body.code], [409, "conflict"]);
  assertEquals(await operatorRows(tenantId), ["tenant.settings_changed"]);
});

api("a plan is published only with a fresh dry run of exactly its terms", async () => {
  const before = (await operatorRows(OPERATOR_CHAIN)).length;
  const { draft } = await ok("POST", "/plans/drafts", { ...TERMS, plan_id: "fresh" });
  const path = `/plans/${draft.plan_revision}`;
  assertEquals(await refused("POST", `${path}/publish`, { dry_run_id: "dry_none" }), [
    409,
    "dry_run_required",
  ]);
  const run = await ok("POST", `${path}/dry-run`, { periods: 1 }, 201);
  await ok("POST", "/plans/drafts", { ...TERMS, plan_id: "fresh", base_fee: "11" });
  const stale = await refused("POST", `${path}/publish`, { dry_run_id: run.dry_run_id });
  assertEquals(stale, [409, "dry_run_stale"]);
  const again = await ok("POST", `${path}/dry-run`, {}, 201);
  const published = await ok("POST", `${path}/publish`, { dry_run_id: again.dry_run_id });
  assertEquals([published.status, published.base_fee], ["published", "11.00"]);
  assertEquals((await ok("GET", `/dry-runs/${again.dry_run_id}`)).items, []);

  const { changes } = await ok("POST", "/plans/diff", { ...TERMS, plan_id: "fresh" });
  assertEquals(changes, [{ path: ["base_fee"], before: "11.00", after: "10.00" }]);
  const unchanged = await ok("POST", "/plans/drafts", {
    ...TERMS,
    plan_id: "fresh",
    base_fee: "11",
  });
  assertEquals(unchanged.draft, null);
  const faulty = { ...TERMS, meters: [{ ...TERMS.meters[0], meter: "colour" }] };
  assertEquals(await refused("POST", "/plans/drafts", faulty), [422, "invalid_plan"]);
  await ok("POST", `${path}/archive`);
  // One row for each act that changed something, none for what was refused or only shown.
  const rows = await operatorRows(OPERATOR_CHAIN);
  assertEquals(rows.slice(0, rows.length - before).toReversed(), [
    "plan.drafted",
    "plan.dry_run",
    "plan.drafted",
    "plan.dry_run",
    "plan.published",
    "plan.archived",
  ]);
});

api("tenants move between versions by preview, by one call, or together", async () => {
  const [first, second] = [
    await publishedPlan("move"),
    await publishedPlan("move", {
      base_fee: "20",
    }),
  ];
  for (const tenant_id of ["ten_a", "ten_b"]) {
    await ok("POST", "/tenants", { name: tenant_id, plan_revision: first, tenant_id }, 201);
  }
  // No card to charge the base fee to: what Stripe says about it reaches the operator.
  const uncharged = await send("POST", "/tenants/ten_a/provision", {});
  assertEquals([uncharged.status, uncharged.body.code], [502, "provider_refused"]);
  assertStringIncludes(uncharged.body.detail, "payment");
  const preview = await ok("POST", "/tenants/ten_a/plan/preview", { plan_revision: second });
  assertEquals(preview.changes[0], { path: ["base_fee"], before: "10.00", after: "20.00" });
  assert(preview.proration.net_minor > 0);
  assertEquals((await ok("GET", "/tenants/ten_a")).plan_revision, first);
  await ok("PUT", "/tenants/ten_a/plan", { plan_revision: second });
  const stale = { plan_revision: first, from: first };
  assertEquals(await refused("PUT", "/tenants/ten_a/plan", stale), [409, "conflict"]);
  assertEquals(await refused("POST", `/plans/${first}/archive`), [409, "plan_in_use"]);
  const migrate = `/plans/${second}/migrate`;
  assertEquals(await ok("POST", migrate, { from: first, dry_run: true }), {
    items: [],
    waiting: 1,
  });
  assertEquals((await ok("GET", "/tenants/ten_b")).plan_revision, first, "a dry run moves nobody");
  assertEquals(await refused("POST", migrate, { from: "life@99" }), [404, "not_found"]);
  for (const bad of [{}, { from: first, limit: 0 }, { from: first, tenant_ids: [] }, { from: 7 }]) {
    assertEquals((await refused("POST", migrate, bad))[0], 422, JSON.stringify(bad));
  }
  const elsewhere = await ok("POST", migrate, { tenant_ids: ["ten_b"], from: second });
  assertEquals(elsewhere.items[0].outcome.error.code, "conflict", "ten_b is on another version");
  const { items } = await ok("POST", migrate, {
    tenant_ids: ["ten_a", "ten_b", "ten_none"],
  });
  assertEquals(items.map(({ outcome }: { outcome: { kind: string } }) => outcome.kind), [
    "already_there",
    "moved",
    "refused",
  ]);
  assertEquals((await ok("POST", `/plans/${first}/archive`)).status, "archived");
  assertEquals(await operatorRows("ten_b"), ["tenant.plan_changed", "tenant.created"]);
});

api("a large correction waits for a second person; the token is one and the same", async () => {
  const plan_revision = await publishedPlan("fix");
  await ok("POST", "/tenants", { name: "Fix", plan_revision, tenant_id: "ten_fix" }, 201);
  const path = "/tenants/ten_fix/corrections";
  const period_id = new Date(services.clock.nowMs()).toISOString().slice(0, 8) + "01";
  const line = { meter: "risk_score", plan_revision, period_id, reason: "Counted twice" };
  assertEquals(await refused("POST", path, { ...line, units: 5 }), [409, "not_billable"]);
  await ok("POST", "/tenants/ten_fix/provision", BY_INVOICE);
  assertEquals((await ok("POST", path, { ...line, units: 5 }, 201)).state, "applied");

  const own = await ok("POST", path, { ...line, units: 20_000 }, 202);
  assertEquals(own.state, "pending");
  const approval = `${path}/${own.correction_id}/approve`;
  assertEquals(await refused("POST", approval), [403, "same_person"]);
  assertEquals((await ok("POST", `${path}/${own.correction_id}/refuse`)).state, "refused");
  assertEquals(await refused("POST", approval), [409, "already_decided"]);

  const other = must(
    await proposeCorrection({
      tenantId: "ten_fix",
      meter: "risk_score",
      planRevision: plan_revision,
      periodId: period_id,
      units: 30_000n,
      reason: "Found by hand",
      author: "ada@example.com",
    }, services.corrections),
  );
  const applied = await ok("POST", `${path}/${other.correctionId}/approve`);
  assertEquals([applied.state, applied.approver], ["applied", "operator"]);
  assertEquals(
    (await operatorRows("ten_fix")).filter((action) => action.startsWith("correction.")),
    ["correction.applied", "correction.refused", "correction.proposed", "correction.applied"],
  );
  for (
    const [change, code] of [
      [{ meter: "colour" }, "unknown_meter"],
      [{ plan_revision: "none@1" }, "plan_not_found"],
      [{ period_id: "2999-01-01" }, "period_not_found"],
      [{ units: 0 }, "validation_failed"],
    ] as const
  ) {
    assertEquals((await refused("POST", path, { ...line, units: 5, ...change }))[1], code);
  }
  const { items } = await ok("GET", "/books?tenant_id=ten_fix");
  assertEquals([items[0].adjusted, items[0].difference], [30_005, 0]);
});

api("a large adjustment waits for a second person, in a list over all tenants", async () => {
  const path = "/tenants/ten_fix/adjustments";
  const own = await ok("POST", path, { amount_minor: -200_000, note: "Outage" }, 202);
  assertEquals(own.state, "pending");
  const waits = async () =>
    (await ok("GET", "/approvals")).items.map((item: { adjustment_id?: string }) =>
      item.adjustment_id
    );
  assertEquals(await waits(), [own.adjustment_id]);
  const approval = `${path}/${own.adjustment_id}/approve`;
  assertEquals(await refused("POST", approval), [403, "same_person"]);
  assertEquals((await ok("POST", `${path}/${own.adjustment_id}/refuse`)).state, "refused");
  assertEquals(await refused("POST", approval), [409, "already_decided"]);
  assertEquals(await refused("POST", `${path}/adj_none/approve`), [404, "adjustment_not_found"]);

  const credits = "/tenants/ten_fix/credits";
  const terms = { name: "Welcome", category: "promotional", amount_minor: 100_001 };
  const credit = await ok("POST", credits, { ...terms, credit_id: "crd_large" }, 202);
  assertEquals([credit.state, credit.created_by], ["pending", "operator"]);
  assertEquals((await ok("GET", "/approvals")).items[0].kind, "credit");
  const listed = await ok("GET", credits);
  assertEquals([listed.items, listed.proposals.length], [[], 1]);
  assertEquals(await refused("POST", `${credits}/crd_large/approve`), [403, "same_person"]);
  assertEquals(await refused("POST", `${credits}/crd_none/approve`), [404, "credit_not_found"]);
  assertEquals((await ok("POST", `${credits}/crd_large/refuse`)).state, "refused");

  const other = must(
    await adjustMoney(services.billing, {
      tenantId: "ten_fix",
      amountMinor: 300_000n,
      note: "Agreed by phone",
      createdBy: "ada@example.com",
    }),
  );
  assertEquals(await waits(), [other.adjustmentId]);
  const approved = await ok("POST", `${path}/${other.adjustmentId}/approve`);
  assertEquals([approved.state, approved.approver], ["applied", "operator"]);
  assertEquals(await waits(), []);
  assertEquals(
    (await operatorRows("ten_fix")).filter((action) => action.startsWith("adjustment.")),
    ["adjustment.approved", "adjustment.refused", "adjustment.proposed"],
  );
});

api("an outbox entry is found by its state, and only fitting decisions are taken", async () => {
  const { items } = await ok("GET", "/outbox?tenant_id=ten_fix&limit=1");
  const [entry] = items;
  assertEquals((await ok("GET", `/outbox/${entry.entry_id}`)).units, entry.units);
  for (const act of ["retry", "write-off"]) {
    const path = `/outbox/${entry.entry_id}/${act}`;
    assertEquals(await refused("POST", path, { reason: "Because" }), [409, "wrong_state"]);
    assertEquals((await refused("POST", path, { reason: " " }))[1], "validation_failed");
    assertEquals(await refused("POST", `/outbox/none/${act}`, { reason: "Because" }), [
      404,
      "entry_not_found",
    ]);
  }
  const first = await ok("GET", "/outbox?limit=1");
  const second = await ok("GET", `/outbox?limit=1&cursor=${first.next_cursor}`);
  assert(second.items[0]?.entry_id !== first.items[0].entry_id);
});

api("held and doubtful entries are retried, settled or given up, with who and why", async () => {
  const { outbox } = services.outboxActions;
  const found = await services.usage.outbox({ tenantId: "ten_fix", limit: 10 });
  const ready = found.entries.find(({ state }) => state === "ready");
  assert(ready !== undefined, "an entry waits to be sent");
  const path = `/outbox/${ready.entryId}`;
  const moveTo = async (state: "held" | "doubtful") => {
    const stored = await outbox.find(ready.entryId);
    assert(stored !== null);
    assert(await outbox.move(stored, { ...stored.value, state, reason: "tests" }) !== null);
  };

  await moveTo("held");
  const retried = await ok("POST", `${path}/retry`, { reason: "Try again" });
  assertEquals([retried.state, retried.decision.author], ["ready", "operator"]);
  await moveTo("doubtful");
  const resolution = { delivered: false, reason: "Not in the summary" };
  assertEquals((await ok("POST", `${path}/resolve`, resolution)).state, "ready");
  assertEquals(await refused("POST", `${path}/resolve`, resolution), [409, "wrong_state"]);
  await moveTo("held");
  const done = await ok("POST", `${path}/write-off`, { reason: "Too old" });
  assertEquals([done.state, done.decision.reason], ["written_off", "Too old"]);

  assertEquals((await operatorRows("ten_fix")).slice(0, 3), [
    "outbox.written_off",
    "outbox.resolved",
    "outbox.retried",
  ]);
  const { items } = await ok("GET", "/books?tenant_id=ten_fix");
  assertEquals([items[0].written_off, items[0].difference], [Number(ready.units), 0]);
});

api("issuers are registered by public URLs only, and revoked at once", async () => {
  const { tenantId } = await world.tenant("tn_issuer");
  const path = `/tenants/${tenantId}/issuers`;
  const issuer = {
    issuer: "https://id.example.com",
    jwks_url: "https://9.9.9.9/jwks",
    algorithms: ["ES256"],
    mode: "test",
    scopes: ["ratings:read"],
  };
  const inner = { ...issuer, jwks_url: "https://169.254.169.254/" };
  assertEquals(await refused("PUT", path, inner), [422, "url_refused"]);
  assertEquals((await ok("PUT", path, issuer)).revoked_at, null);
  await ok("POST", `${path}/revoke`, { issuer: issuer.issuer });
  const { items } = await ok("GET", path);
  assert(items[0].revoked_at !== null);
  assertEquals(await operatorRows(tenantId), ["issuer.revoked", "issuer.registered"]);
});

api("an operator list is in force for tenants that have stored instruments before", async () => {
  const { key } = await world.tenant("tn_screened", {
    features: ["prices:write"],
    meters: [{
      meter: "screening",
      price: { model: "per_unit", unitAmount: 0n },
      includedUnits: 0n,
      quota: null,
    }],
  });
  const isin = "US0378331005";
  const terms = { isin, cfi_code: "ESVUFR", currency: "USD", mic: "XNAS" };
  await world.send({ method: "PUT", path: `/v1/instruments/${isin}`, key, json: terms });
  const list = { kind: "sanctions", as_of: "2026-01-01", entries: [{ id: "1", isin }] };
  const stored = await ok("PUT", "/lists/world", list, 202);
  const path = `/list-loads/${stored.load.load_id}`;
  assertEquals([stored.count, stored.load.version], [1, stored.version]);
  await world.runtime.services.listLoads.settled();
  const load = await ok("GET", path);
  assertEquals([load.state, load.tenants_done, load.stalled], ["done", load.tenants_total, false]);
  assert(load.tenants_total > 0 && load.instruments === 1);
  const { items: loads } = await ok("GET", "/list-loads?limit=1");
  assertEquals(loads, [load]);
  assertEquals((await send("GET", "/list-loads/lld_none")).status, 404);
  const { items } = await ok("GET", "/lists");
  assertEquals([items[0].list_id, items[0].version], ["world", stored.version]);
  assertEquals((await operatorRows(OPERATOR_CHAIN))[0], "list.replaced");
  const stale = await send("PUT", "/lists/world", list, { "if-match": '"1-none"' });
  assertEquals([stale.status, stale.body.code], [412, "version_mismatch"]);
});

api("books, chores, reports and the pipeline answer, and each run leaves one row", async () => {
  const before = (await operatorRows(OPERATOR_CHAIN)).length;
  const run = await ok("POST", "/flush");
  assertEquals([run.name, run.ok], ["flush", true]);
  assertEquals((await ok("POST", "/chores/daily/run")).name, "daily");
  assertEquals(await refused("POST", "/chores/never/run"), [404, "not_found"]);
  assert((await ok("GET", "/chores?name=daily")).items.length > 0);
  const report = await ok("POST", "/reconcile", {}, 201);
  assertEquals((await ok("GET", `/reconcile/reports/${report.report_id}`)).rows, report.rows);
  assertEquals((await ok("GET", "/reconcile/reports")).items[0].report_id, report.report_id);
  const rows = await ok("GET", `/reconcile/reports/${report.report_id}/rows?limit=1`);
  assertEquals(rows.items.length, Math.min(1, report.rows));
  assertEquals((await ok("GET", "/books/evidence")).difference, 0);
  assertEquals(typeof (await ok("GET", "/pipeline")).outbox.ready.entries, "number");
  assertEquals((await ok("GET", "/anomalies")).items, []);
  assertEquals((await ok("GET", "/period-closes")).items, []);
  const period = "/tenants/ten_flow/periods/2026-01-01";
  assertEquals(await refused("POST", `${period}/release`, { reason: "Looked" }), [409, "not_held"]);
  assertEquals(await refused("POST", `${period}/close`), [404, "period_not_found"]);
  const after = await operatorRows(OPERATOR_CHAIN);
  assertEquals(after.slice(0, after.length - before), [
    "books.reconciled",
    "chore.run",
    "chore.run",
  ]);
});

api("the audit log reads page by page, and its chains are whole", async () => {
  const seen: number[] = [];
  let cursor = "";
  for (let page = 0; page < 20; page++) {
    const { items, next_cursor } = await ok("GET", `/audit?chain=ten_flow&limit=4${cursor}`);
    seen.push(...items.map(({ sequence }: { sequence: number }) => sequence));
    if (next_cursor === null) break;
    cursor = `&cursor=${next_cursor}`;
  }
  assertEquals(seen.toSorted((a, b) => b - a), seen);
  assertEquals(new Set(seen).size, seen.length);
  for (const chain of ["ten_flow", OPERATOR_CHAIN]) {
    const verdict = await ok("GET", `/audit/verification?chain=${chain}`);
    assertEquals([verdict.intact, verdict.entries], [true, verdict.head.sequence]);
  }
  const text = JSON.stringify((await ok("GET", "/audit?chain=ten_flow&limit=200")).items);
  assert(!/cm_test_[0-9A-Za-z]{36}/.test(text), "no secret is in the log");
  assertEquals(await refused("GET", "/audit?cursor=forged"), [400, "invalid_cursor"]);
});

api("lists of tenants have pages, and a cursor opens no other list", async () => {
  const ids: string[] = [];
  let cursor = "";
  let last = "";
  for (let page = 0; page < 50; page++) {
    const { items, next_cursor } = await ok("GET", `/tenants?limit=3${cursor}`);
    ids.push(...items.map(({ tenant_id }: { tenant_id: string }) => tenant_id));
    if (next_cursor === null) break;
    cursor = `&cursor=${next_cursor}`;
    last = next_cursor;
  }
  assertEquals(new Set(ids).size, ids.length);
  assert(ids.includes("ten_flow") && ids.includes("ten_fix"));
  assertEquals(await refused("GET", `/plans?cursor=${last}`), [400, "invalid_cursor"]);
  const { items } = await ok("GET", "/tenants?search=flow");
  assertEquals(items.map(({ tenant_id }: { tenant_id: string }) => tenant_id), ["ten_flow"]);
});

api("closing is for good: the subscription ends and nothing opens it again", async () => {
  const path = "/tenants/ten_fix/status";
  const reply = await send("PUT", path, { status: "closed" });
  assert(reply.status === 200 || reply.body.code === "units_outstanding", reply.text);
  assertEquals(await refused("PUT", path, { status: "active" }), [409, "status_change_refused"]);
});

api("webhooks: what came is listed and fetched again, what went out is sent again", async () => {
  const { tenantId } = await world.tenant("tn_notified");
  const { billing, clock } = services;
  await receiveNotice(billing, {
    eventId: "evt_api",
    type: "invoice.paid",
    createdAtMs: clock.nowMs(),
    kind: "invoice_changed",
    change: "paid",
    stripeCustomerId: "cus_of_nobody",
    invoiceId: "in_1",
    stripeSubscriptionId: null,
  }, "snapshot");
  const { endpoints } = await ok("GET", "/webhooks");
  assertEquals(endpoints.map(({ kind }: { kind: string }) => kind), ["snapshot", "thin"]);
  assert(endpoints[0].last_received_at !== null && endpoints[0].secrets === 1);
  const waiting = await ok("GET", "/webhooks/notices?state=waiting");
  assertEquals(waiting.items[0].notice.event_id, "evt_api");
  const replayed = await ok("POST", "/webhooks/notices/evt_api/replay");
  assertEquals([replayed.state, replayed.detail], ["ignored", "No tenant of ours"]);
  assert((await operatorRows(OPERATOR_CHAIN)).includes("notice.replayed"));
  assertEquals(await refused("POST", "/webhooks/notices/evt_no/replay"), [404, "notice_not_found"]);
  const alert: Alert = {
    alertId: "alr_1",
    tenantId,
    periodId: "2026-05-01",
    subject: { kind: "budget" },
    percent: 90,
    used: 90n,
    limit: 100n,
    createdAtMs: clock.nowMs(),
    delivery: { state: "waiting", attempts: 0, detail: null, channels: [], triedAtMs: null },
  };
  await billing.store.putAlertState({ ...alert, firedPercent: 90 }, null, alert);
  const { items } = await ok("GET", "/alerts?state=waiting");
  assertEquals(items.map(({ alert_id: id }: { alert_id: string }) => id), ["alr_1"]);
  const resent = await ok("POST", `/tenants/${tenantId}/alerts/alr_1/resend`);
  assertEquals([resent.delivery.state, resent.delivery.detail], ["delivered", "No channel is set"]);
  assertEquals((await operatorRows(tenantId)).includes("alert.resent"), true);
  assertEquals(
    await refused("POST", `/tenants/${tenantId}/alerts/alr_2/resend`),
    [404, "alert_not_found"],
  );
});
