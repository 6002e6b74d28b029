/** What the console shows of the outbox, over the whole app's own stores. */
import { assert, assertEquals } from "@std/assert";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import type { LineId } from "@/lib/domain/segment.ts";
import { parkedKey } from "@/lib/kv/keys.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { decideEntry } from "@/lib/metering/decide_entry.ts";
import { loadEntry } from "@/lib/operator/load_entry.ts";
import { loadHome } from "@/lib/operator/load_home.ts";
import { loadOutbox } from "@/lib/operator/load_outbox.ts";
import { Metrics } from "@/lib/platform/metrics.ts";
import { createPipelineGauges } from "@/lib/platform/pipeline_gauges.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { must, startApi } from "@/tests/support/api_world.ts";
import { emptyPlan, usd } from "@/tests/support/samples.ts";
import { operatorActs } from "@/tests/support/operator_acts.ts";

const world = await startApi();
const { services } = world.runtime;
const { samples } = operatorActs(world);
globalThis.addEventListener("unload", () => void world[Symbol.asyncDispose]());

const LINE: LineId = {
  tenantId: "tn_flat",
  meter: "screening",
  planRevision: "growth@1",
  periodId: "2026-05-01",
};
const ACT: Act = { actor: { kind: "operator", id: "olga" }, ip: null, requestId: "req_1" };

function over(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** An entry of a new tenant in the state that the sampled act needs. */
async function entryFor(act: "retryOutboxEntry" | "resolveOutboxEntry"): Promise<OutboxEntry> {
  const { path } = await (samples[act] ?? missing)();
  const found = await services.outboxActions.outbox.find(path.split("/")[2] ?? "");
  return found?.value ?? missing();
}

function missing(): never {
  throw new Error("The sample makes an entry");
}

over(
  "what needs a person comes first, with its count; other states and tenants by address",
  async () => {
    const held = await entryFor("retryOutboxEntry");
    const doubtful = await entryFor("resolveOutboxEntry");
    const ids = async (query: string) =>
      (await loadOutbox(services, new URLSearchParams(query))).entries.map(({ entryId }) =>
        entryId
      );
    const first = await loadOutbox(services, new URLSearchParams());
    assertEquals([first.tab, first.counts?.person, first.counts?.held], ["person", 2, 1]);
    assertEquals(new Set(await ids("")), new Set([held.entryId, doubtful.entryId]));
    assertEquals(await ids("state=doubtful"), [doubtful.entryId]);
    assertEquals(await ids("state=held"), [held.entryId]);
    assertEquals(await ids("state=confirmed"), []);
    assertEquals(await ids(`tenant=${held.tenantId}`), [held.entryId]);
    assertEquals(await ids("tenant=tn_nobody"), []);
    assertEquals([first.within, first.allTenantsHref], [null, "/operator/outbox"]);
    const sent = await loadOutbox(services, new URLSearchParams("state=sent&tenant=tn_nobody"));
    assertEquals([sent.within, sent.allTenantsHref], ["35d", "/operator/outbox?state=sent"]);
    const further = await loadOutbox(services, new URLSearchParams("state=sent&within=all"));
    assertEquals(further.withinLinks.map(({ href }) => href), [
      "/operator/outbox?state=sent&within=3d",
      "/operator/outbox?state=sent",
      "/operator/outbox?state=sent&within=all",
    ]);
    assertEquals(further.within, "all");
    const own = await loadOutbox(services, new URLSearchParams(`tenant=${held.tenantId}`));
    assertEquals(own.counts, null, "nobody counts one tenant's entries");
    const { names } = first;
    assertEquals(
      names.get(held.tenantId),
      (await services.tenants.tenant(held.tenantId))?.value.name,
    );
    assertEquals((await loadOutbox(services, new URLSearchParams("state=colour"))).tab, "person");
    assertEquals(await ids("state=held&cursor=forged"), [held.entryId], "a forged cursor is none");
  },
);

over(
  "units that nobody can decide about never count as entries that wait for a decision",
  async () => {
    using kv = await Deno.openKv(":memory:");
    const flat = { model: "flat", amount: usd("400") } as const;
    await createKvPlanStore(kv).putPlan(
      emptyPlan({ meters: [{ meter: "screening", price: flat, includedUnits: 0n, quota: null }] }),
      null,
    );
    const atomic = kv.atomic();
    const park = (line: Partial<LineId>) => atomic.sum(parkedKey({ ...LINE, ...line }), 3n);
    for (let tenant = 0; tenant < 120; tenant++) park({ tenantId: `tn_flat_${tenant}` });
    park({ meter: "of_no_price" });
    park({ tenantId: "tn_unknown_plan", planRevision: "other@1" });
    await atomic.commit();
    const usage = createUsageStore({ kv, log: createUsageLog({ kv }), clock: services.clock });
    const pipeline = await usage.pipeline();
    assertEquals(pipeline.outbox.held, { entries: 0, units: 0n });
    assertEquals(pipeline.parked, {
      waiting: { lines: 1, units: 3n },
      unbilled: { lines: 121, units: 363n },
    });
    const outbox = createOutboxStore({ kv, databaseEpoch: "epoch" });
    const outboxActions = { ...services.outboxActions, outbox };
    const model = await loadOutbox({ ...services, usage, outboxActions }, new URLSearchParams());
    assertEquals([model.counts?.person, model.counts?.held], [0, 0]);
    assertEquals([model.parked.length, model.parkedTotals], [50, pipeline.parked]);
    const home = await loadHome({ ...services, usage });
    assertEquals(home.attention.filter(({ key }) => key === "outbox"), []);
    const metrics = new Metrics();
    await createPipelineGauges(metrics, () => usage.pipeline()).refresh();
    const lines = metrics.text().split("\n");
    for (
      const expected of [
        "clawmeter_outbox_held_entries 0",
        "clawmeter_parked_waiting_lines 1",
        "clawmeter_parked_unbilled_lines 121",
      ]
    ) assert(lines.includes(expected), expected);
  },
);

over(
  "an entry shows Stripe's own word about its minute, or that Stripe does not answer",
  async () => {
    const { entryId, units } = await entryFor("resolveOutboxEntry");
    const { provider } = services.billing;
    const evidence = async (summaries: typeof provider.summaries, waits = false) => {
      const model = await loadEntry({
        ...services,
        billing: { provider: { ...provider, summaries } },
        portal: waits
          ? { scheduler: { after: (_, task) => (queueMicrotask(task), () => {}) } }
          : services.portal,
      }, entryId);
      return model?.evidence;
    };
    const summary = (units: bigint) => () =>
      Promise.resolve([{ startMs: 0, endMs: 60_000, units }]);
    assertEquals(await evidence(() => Promise.resolve([])), {
      kind: "summary",
      units: 0n,
      verdict: "absent",
    });
    assertEquals(await evidence(summary(units)), { kind: "summary", units, verdict: "arrived" });
    assertEquals(await evidence(summary(units + 1n)), {
      kind: "summary",
      units: units + 1n,
      verdict: "odd",
    });
    const broken = await evidence(() => Promise.reject(new ProviderError("down", "Try later")));
    assertEquals(broken, { kind: "unavailable", detail: "Try later" });
    const silent = await evidence(() => new Promise(() => {}), true);
    assertEquals(silent?.kind, "unavailable");
  },
);

over(
  "a decision is made on the version that was looked at, once, and stays in the history",
  async () => {
    const { entryId } = await entryFor("retryOutboxEntry");
    const deps = { ...services.outboxActions, audit: services.audit };
    const seen = await loadEntry(services, entryId);
    assert(seen !== null);
    const decide = (decision: "retry" | "write_off", version: string, reason: string) =>
      decideEntry({ entryId, decision, reason, version, act: ACT }, deps);
    const silent = await decide("write_off", seen.version, " ");
    assertEquals(silent.ok ? "" : silent.error.code, "reason_missing");
    const both = await Promise.all([
      decide("write_off", seen.version, "Too old"),
      decide("retry", seen.version, "Customer is back"),
    ]);
    const [won] = both.filter(({ ok }) => ok);
    assertEquals(both.filter(({ ok }) => ok).length, 1);
    assert(won !== undefined);
    const late = await decide("retry", seen.version, "Once more");
    assertEquals(late.ok ? "" : late.error.code, "conflict");
    const { steps, evidence } = await loadEntry(services, entryId) ?? missing();
    const { decision, state } = must(won);
    assertEquals(steps.filter(({ who }) => who !== null).map(({ who, why }) => [who, why]), [
      ["olga", decision?.reason ?? null],
    ]);
    if (state === "written_off") assertEquals(evidence, null);
    assertEquals(await loadEntry(services, "cm_none"), null);
  },
);
