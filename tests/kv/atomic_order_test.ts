/** SQLite keeps what precedes a failing mutation: so what can fail comes first, in every commit of the service. */
import { assert, assertEquals } from "@std/assert";
import type { KvAtomicLike, KvLike } from "@/lib/kv/kv_like.ts";
import type { Services } from "@/lib/services.ts";
import { OPERATOR_OPERATIONS } from "@/lib/http/operator/operations.ts";
import { startApi } from "@/tests/support/api_world.ts";
import { operatorActs } from "@/tests/support/operator_acts.ts";
import { prepareTenant, tenantCalls } from "@/tests/support/tenant_calls.ts";

interface Step {
  readonly act: "sum" | "set" | "delete";
  readonly kind: string;
}

/** Steps of every commit that was made, in order. */
const commits: Step[][] = [];

function watched(kv: KvLike): KvLike {
  return {
    get: (...given) => kv.get(...given),
    getMany: (...given) => kv.getMany(...given),
    set: (key, value, options) => {
      commits.push([{ act: "set", kind: String(key[0]) }]);
      return kv.set(key, value, options);
    },
    delete: (key) => kv.delete(key),
    list: (...given) => kv.list(...given),
    atomic: () => watchedAtomic(kv.atomic()),
    close: () => kv.close(),
  };
}

function watchedAtomic(inner: KvAtomicLike): KvAtomicLike {
  const steps: Step[] = [];
  const note = (act: Step["act"], key: Deno.KvKey, work: () => unknown) => {
    steps.push({ act, kind: String(key[0]) });
    work();
    return atomic;
  };
  const atomic: KvAtomicLike = {
    check: (...checks) => {
      inner.check(...checks);
      return atomic;
    },
    set: (key, value, options) => note("set", key, () => inner.set(key, value, options)),
    delete: (key) => note("delete", key, () => inner.delete(key)),
    sum: (key, units) => note("sum", key, () => inner.sum(key, units)),
    max: (key, units) => note("sum", key, () => inner.max(key, units)),
    commit: () => {
      commits.push(steps);
      return inner.commit();
    },
  };
  return atomic;
}

Deno.test({
  name: "in every commit of the service sums come first, and no counter is ever set",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const time = { atMs: Date.UTC(2026, 10, 25, 12) };
    const options = { clock: { nowMs: () => time.atMs }, kv: { wrap: watched } };
    await using world = await startApi({}, options);
    const { services } = world.runtime;
    Object.assign(services.billing.provider, { finalizeInvoice: () => Promise.resolve() });
    const { send, samples } = operatorActs(world);
    for (const { id, method } of OPERATOR_OPERATIONS.filter(({ method }) => method !== "GET")) {
      const act = await samples[id]?.();
      if (act !== undefined) await send(method, act.path, act.json);
    }
    const tenant = await prepareTenant(world, "tn_order");
    for (const { type, ...call } of Object.values(tenantCalls(time.atMs))) {
      const headers = { "content-type": type, "idempotency-key": call.path };
      await world.send({ ...call, key: tenant.key, headers });
    }
    const call = tenantCalls(time.atMs)["rateInstrument"];
    assert(call !== undefined);
    for (let round = 0; round < 3; round++) {
      time.atMs += 3 * 60_000;
      await services.chores.everyMinute();
      // From the second round on there is somebody to bill; what waited for that is released.
      if (round === 0) await bill(services, tenant.tenantId);
      const { type, ...again } = call;
      await world.send({ ...again, key: tenant.key, headers: { "content-type": type } });
    }
    await services.trafficLog.flush();
    await services.chores.everyFiveMinutes();
    await services.chores.hourly();
    await services.chores.daily();
    await services.engine.drain();

    for (const source of ["minute", "parked"]) {
      const sealed = commits.some((steps) =>
        steps.some(({ act, kind }) => act === "delete" && kind === source) &&
        steps.some(({ act, kind }) => act === "set" && kind === "outbox")
      );
      assert(sealed, `an entry was made of ${source} units`);
    }
    const summed = new Set<string>();
    const set = new Set<string>();
    for (const steps of commits) {
      const lastSum = steps.findLastIndex(({ act }) => act === "sum");
      const firstOther = steps.findIndex(({ act }) => act !== "sum");
      assert(lastSum === -1 || firstOther === -1 || lastSum < firstOther, Deno.inspect(steps));
      for (const { act, kind } of steps) {
        if (act === "sum") summed.add(kind);
        if (act === "set") set.add(kind);
      }
    }
    assert(summed.size >= 6, `counters that were met: ${[...summed].join(", ")}`);
    assertEquals([...summed].filter((kind) => set.has(kind)), [], "a counter is never set");
  },
});

async function bill(services: Services, tenantId: string): Promise<void> {
  const tenant = await services.tenants.tenant(tenantId);
  assert(tenant !== null);
  const billed = { ...tenant.value, stripeCustomerId: "cus_order" };
  assert((await services.tenants.putTenant(billed, tenant.versionstamp)).ok);
}
