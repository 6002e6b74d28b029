import { assert, assertEquals } from "@std/assert";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { featureFields, limitFields } from "@/lib/operator/limits_form.ts";
import { exceptionsModel, saveExceptions } from "@/lib/operator/save_exceptions.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { GROWTH } from "../support/billing_world.ts";
import { CountingIds, FixedClock } from "../support/fixed_effects.ts";
import { sampleTenant } from "../support/samples.ts";

const ACT: Act = { actor: { kind: "operator", id: "op" }, ip: null, requestId: "req" };
const METER = GROWTH.meters[0]?.meter ?? "";

Deno.test("what is stored is what the form shows, and saving it as shown changes nothing", async () => {
  await using world = await open();
  const overrides = {
    requestsPerSecond: 7,
    quotas: { [METER]: { units: 9n, enforcement: "soft" as const } },
    features: { batch: false, "lists:write": true },
  };
  const fields = limitFields(overrides, GROWTH);
  assertEquals([fields["requestsPerSecond"], fields["burst"]], ["7", ""]);
  assertEquals([fields[`quota-${METER}`], fields[`enforcement-${METER}`]], ["9", "soft"]);
  assertEquals(featureFields(overrides, GROWTH)["feature-lists:write"], "on");
  const saved = await world.save("limits", fields);
  assertEquals(saved.kind, "saved");
  const { features: _, ...limits } = overrides;
  assertEquals((await world.stored()).overrides, limits);
});

Deno.test("every fault is named by its field, and nothing of the form is saved or lost", async () => {
  await using world = await open();
  const typed = { requestsPerSecond: "0", burst: "1e3", [`quota-${METER}`]: "-5" };
  const saved = await world.save("limits", typed);
  assert(saved.kind === "again");
  assertEquals(Object.keys(saved.model.limits.errors).sort(), [
    "burst",
    `quota-${METER}`,
    "requestsPerSecond",
  ]);
  assertEquals(saved.model.limits.typed["burst"], "1e3");
  assertEquals(saved.model.features.errors, {});
  assertEquals((await world.stored()).overrides, {});
  const word = await world.save("features", { more: "Not A Word" });
  assert(word.kind === "again");
  assertEquals(word.model.features.typed["more"], "Not A Word");
  assertEquals(Object.keys(word.model.features.errors), ["more"]);
});

Deno.test("a form on an older version is shown beside what stands, unless both say the same", async () => {
  await using world = await open();
  const old = (await world.terms()).tenant.versionstamp;
  assertEquals((await world.save("limits", { burst: "900" })).kind, "saved");
  const late = await world.save("limits", { burst: "100" }, old);
  assert(late.kind === "again");
  assertEquals(late.model.conflict, true);
  assertEquals([late.model.limits.typed["burst"], late.model.limits.stored["burst"]], [
    "100",
    "900",
  ]);
  assertEquals((await world.stored()).overrides.burst, 900);
  assertEquals((await world.save("limits", { burst: "900" }, old)).kind, "saved");
});

async function open() {
  const kv = await Deno.openKv(":memory:");
  const tenants = createKvTenantStore(kv);
  const plans = createKvPlanStore(kv);
  const deps = { tenants, plans, clock: new FixedClock(), ids: new CountingIds() };
  const { tenantId } = sampleTenant({});
  await tenants.putTenant(sampleTenant({ overrides: {} }), null);
  const terms = async () => {
    const tenant = await tenants.tenant(tenantId);
    if (tenant === null) throw new Error("no tenant");
    return { tenant, plan: GROWTH };
  };
  return {
    terms,
    stored: async () => (await terms()).tenant.value,
    save: async (act: string, fields: Readonly<Record<string, string>>, version?: string) => {
      const now = await terms();
      const versionstamp = version ?? exceptionsModel(now).versionstamp;
      const form = new URLSearchParams({ act, versionstamp, ...fields });
      return await saveExceptions(now, { form, deps, act: ACT });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(kv.close()),
  };
}
