/** A tenant's money in the console: what was typed, the bill as it would become, the act itself. */
import { assert, assertEquals } from "@std/assert";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import type { MoneyFormKind } from "@/components/operator/money/money_model.ts";
import { actOnMoney, decideMoney, mirrorCredit } from "@/lib/operator/act_on_money.ts";
import { loadApprovals } from "@/lib/operator/load_approvals.ts";
import {
  loadTenantMoney,
  parseWanted,
  proposeMoney,
  type Wanted,
} from "@/lib/operator/load_tenant_money.ts";
import { blankDraft, lineText, readDraft } from "@/lib/operator/money_forms.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { must, startApi } from "@/tests/support/api_world.ts";
import { useUnits } from "@/tests/support/whole_app.ts";
import { midMonthClock } from "@/tests/support/mid_month_clock.ts";

const world = await startApi({}, { clock: midMonthClock });
const { services } = world.runtime;
globalThis.addEventListener("unload", () => void world[Symbol.asyncDispose]());

function over(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

function by(id: string): Act {
  return { actor: { kind: "operator", id }, ip: null, requestId: "req_1" };
}

/** A tenant that Stripe knows, with a hundred ratings used. */
async function desk(tenantId: string) {
  await world.tenant(tenantId);
  const collection = { kind: "invoice", daysUntilDue: 30 } as const;
  must(await provisionTenant(services.billing, { tenantId, email: null, collection }));
  await useUnits(world.runtime, { tenantId, meter: "risk_score", units: 100n });
  await services.engine.tick();
  const found = (await services.tenants.tenant(tenantId))?.value;
  const plan = (await services.plans.plan(found?.planRevision ?? ""))?.value;
  assert(found !== undefined && plan !== undefined);
  const terms = { tenant: found, plan };
  const facts = { currency: plan.currency, nowMs: services.clock.nowMs() };
  const load = (query = "", operatorId = "olga") =>
    loadTenantMoney(services, terms, { query: new URLSearchParams(query), operatorId });
  const { periodId } = await load();
  const wanted = (kind: MoneyFormKind, typed: Record<string, string>) =>
    parseWanted(kind, readDraft(new URLSearchParams(typed), periodId), facts);
  const propose = async (one: Wanted, operatorId = "olga") =>
    must(await proposeMoney(services, terms, { wanted: one, operatorId }));
  const confirm = async (one: Wanted, id: string, operatorId = "olga") =>
    await actOnMoney(services, { tenantId, id, wanted: one, act: by(operatorId) });
  const due = async () =>
    must(await invoiceStatement(services.billing, { tenantId })).statement.totalMinor;
  const line = lineText({ meter: "risk_score", planRevision: plan.planRevision, periodId });
  return { tenantId, periodId, load, wanted, propose, confirm, due, line };
}

over("the bill that is shown before confirming is the bill that there is afterwards", async () => {
  const { wanted, propose, confirm, due, line } = await desk("tn_preview");
  const acts = [
    ["adjustment", { amount: "-0.25", note: "Sorry" }, "adjustment_added"],
    ["credit", { name: "Welcome", amount: "0.50" }, "credit_granted"],
    ["correction", { line, units: "-20", reason: "Counted twice" }, "correction_applied"],
    ["correction", { line, units: "1,000", reason: "Import was lost" }, "correction_applied"],
    ["adjustment", { amount: "12", note: "Set-up" }, "adjustment_added"],
  ] as const;
  for (const [kind, typed, word] of acts) {
    const before = await due();
    const one = must(wanted(kind, typed));
    const { id, impact, needsSecond } = await propose(one);
    assertEquals([impact.before.totalMinor, needsSecond], [before, false]);
    assertEquals(must(await confirm(one, id)), word);
    assertEquals(await due(), impact.after.totalMinor, kind);
    assertEquals(must(await confirm(one, id)), word, "sent twice");
    assertEquals(await due(), impact.after.totalMinor, `${kind}, sent twice`);
  }
});

over(
  "what is too large waits, is found under approvals, and is decided by somebody else",
  async () => {
    const { tenantId, wanted, propose, confirm, due, load, line } = await desk("tn_large");
    const before = await due();
    const adjustment = must(wanted("adjustment", { amount: "−1000.01", note: "Outage" }));
    const correction = must(wanted("correction", { line, units: "10001", reason: "Lost" }));
    for (
      const [one, word] of [[adjustment, "adjustment_waiting"], [
        correction,
        "correction_waiting",
      ]] as const
    ) {
      const { id, needsSecond, impact } = await propose(one);
      assertEquals([needsSecond, must(await confirm(one, id))], [true, word]);
      assertEquals(must(await confirm(one, id)), word, "sent twice");
      assertEquals(await due(), before);
      const own = (await load(`decide=${id}`)).decision;
      assertEquals(own?.isOwn, true);
      const other = (await load(`decide=${id}`, "omar")).decision;
      assertEquals([other?.isOwn, other?.impact?.after], [false, impact.after]);
    }
    const ids = async () => {
      const { approvals } = await loadApprovals(services, new URLSearchParams());
      return approvals.map((one) =>
        one.kind === "adjustment"
          ? one.adjustment.adjustmentId
          : one.kind === "credit"
          ? one.credit.creditId
          : one.correction.correctionId
      );
    };
    const [first = "", second = ""] = await ids();
    assert(first.startsWith("adj_") && second.startsWith("cor_"), "oldest first");
    const decide = async (
      kind: "adjustment" | "correction",
      id: string,
      { decision, who }: { decision: "approve" | "refuse"; who: string },
    ) => {
      const decided = await decideMoney(services, { tenantId, kind, id, decision, act: by(who) });
      return decided.ok ? decided.value : decided.error.code;
    };
    const byOlga = { decision: "approve", who: "olga" } as const;
    const byOmar = { decision: "approve", who: "omar" } as const;
    assertEquals(await decide("adjustment", first, byOlga), "same_person");
    assertEquals(await decide("correction", second, byOlga), "same_person");
    assertEquals(await decide("adjustment", first, byOmar), "adjustment_added");
    assertEquals(await due(), before - 100_001n);
    const refused = await decide("correction", second, { decision: "refuse", who: "olga" });
    assertEquals([refused, await ids()], ["correction_refused", []]);
    assertEquals(await decide("correction", second, byOmar), "already_decided");
    assertEquals(await decide("adjustment", "adj_none", byOmar), "adjustment_not_found");
    assertEquals((await load(`decide=${first}`)).decision, null);
    const { items } = await services.audit.entries({ chain: tenantId, limit: 20 });
    const acts = items.filter(({ action }) => /^(adjustment|correction)\./.test(action))
      .map(({ action, actor }) => `${action} ${actor.id}`);
    assertEquals(
      new Set(acts),
      new Set([
        "adjustment.proposed olga",
        "correction.proposed olga",
        "adjustment.approved omar",
        "correction.refused olga",
      ]),
    );
  },
);

over(
  "a large credit waits as well, says so before and after, and is granted by somebody else",
  async () => {
    const { tenantId, wanted, propose, confirm, due, load } = await desk("tn_credit");
    const before = await due();
    const one = must(wanted("credit", { name: "Sorry", amount: "1000.01" }));
    const { id, needsSecond } = await propose(one);
    assertEquals([needsSecond, must(await confirm(one, id))], [true, "credit_waiting"]);
    assertEquals(must(await confirm(one, id)), "credit_waiting", "sent twice");
    const waiting = await load(`decide=${id}`);
    assertEquals(waiting.credits, []);
    assertEquals(waiting.creditProposals.map(({ state }) => state), ["pending"]);
    assertEquals([waiting.decision?.kind, waiting.decision?.isOwn], ["credit", true]);
    assertEquals((await load(`decide=${id}`, "omar")).decision?.isOwn, false);
    const decide = async (who: string) => {
      const wanted = { tenantId, kind: "credit", id, decision: "approve", act: by(who) } as const;
      const decided = await decideMoney(services, wanted);
      return decided.ok ? decided.value : decided.error.code;
    };
    assertEquals([await decide("olga"), await due()], ["same_person", before]);
    assertEquals(await decide("omar"), "credit_granted");
    assertEquals(await decide("omar"), "already_decided");
    const { credits, creditProposals, decision } = await load(`decide=${id}`);
    assertEquals([creditProposals, decision], [[], null]);
    assert(credits[0]?.creditGrantId !== null, "Stripe has it");
  },
);

over("what a person did alone today counts together, and the form says so beforehand", async () => {
  const { wanted, propose, confirm } = await desk("tn_split");
  const parts = [
    ["credit", { name: "One", amount: "600" }],
    ["adjustment", { amount: "-500", note: "Two" }],
  ] as const;
  const outcomes: unknown[] = [];
  for (const [kind, typed] of parts) {
    const one = must(wanted(kind, typed));
    const { id, needsSecond } = await propose(one, "sam");
    outcomes.push([needsSecond, must(await confirm(one, id, "sam"))]);
  }
  assertEquals(outcomes, [[false, "credit_granted"], [true, "adjustment_waiting"]]);
});

over("each field that is wrong is named, and nothing is done", async () => {
  const { wanted, load, line, confirm } = await desk("tn_faulty");
  const faults = [
    ["adjustment", { amount: "0", note: "x" }, "/amount"],
    ["adjustment", { amount: "1.001", note: "x" }, "/amount"],
    ["adjustment", { amount: "many", note: "x" }, "/amount"],
    ["adjustment", { amount: "1", note: " " }, "/note"],
    ["credit", { name: "", amount: "1" }, "/name"],
    ["credit", { name: "x", amount: "-1" }, "/amount"],
    ["credit", { name: "x", amount: "1", expires: "2020-01-01" }, "/expires"],
    ["credit", { name: "x", amount: "1", expires: "soon" }, "/expires"],
    ["correction", { line: "", units: "1", reason: "x" }, "/line"],
    ["correction", { line: "[1,2,3]", units: "1", reason: "x" }, "/line"],
    ["correction", { line, units: "0", reason: "x" }, "/units"],
    ["correction", { line, units: "1.5", reason: "x" }, "/units"],
    ["correction", { line, units: "1", reason: "" }, "/reason"],
  ] as const;
  for (const [kind, typed, pointer] of faults) {
    const read = wanted(kind, typed);
    assertEquals(read.ok ? "" : read.error.pointer, pointer, JSON.stringify(typed));
  }
  const one = must(wanted("adjustment", { amount: "1", note: "x" }));
  for (const id of ["", "adj_", "crd_01kqymyde026pz39h5wmky9btz", "../../etc"]) {
    const forged = await confirm(one, id);
    assertEquals(forged.ok ? "" : forged.error.code, "bad_request");
  }
  const { adjustments, credits, corrections, draft, periodId } = await load();
  assertEquals([adjustments, credits, corrections], [[], [], []]);
  assertEquals(draft, blankDraft(periodId));
});

over("a credit that Stripe could not take is kept, and given to Stripe later", async () => {
  const { tenantId, wanted, propose, confirm, load } = await desk("tn_away");
  const { provider } = services.billing;
  const { ensureCredit } = provider;
  const one = must(wanted("credit", { name: "Late", amount: "5", expires: "2999-12-31" }));
  const { id } = await propose(one);
  Object.assign(provider, {
    ensureCredit: () => Promise.reject(new ProviderError("down", "Try later")),
  });
  const cut = await confirm(one, id);
  assertEquals(cut.ok ? "" : cut.error.code, "unavailable");
  assertEquals((await load()).credits.map(({ creditGrantId }) => creditGrantId), [null]);
  Object.assign(provider, { ensureCredit });
  const given = await mirrorCredit(services, { tenantId, creditId: id, act: by("olga") });
  assertEquals(given.ok, true);
  const [credit, ...others] = (await load()).credits;
  assertEquals([credit?.expiresAtMs, others.length], [Date.UTC(3000, 0, 1), 0]);
  assert(credit?.creditGrantId !== null);
  const none = await mirrorCredit(services, { tenantId, creditId: "crd_none", act: by("olga") });
  assertEquals(none.ok ? "" : none.error.code, "not_found");
});
