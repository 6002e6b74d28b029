/**
 * The stores on a self-hosted KV Connect server, by way of a proxy that loses the replies of half of
 * all commits, so that the client repeats them. Needs a `denokv` binary (tools/install_denokv.sh);
 * ignored without one.
 */
import { assert } from "@std/assert";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import {
  createKvAttemptStore,
  createKvOneTimeStore,
  createKvSessionStore,
} from "@/lib/kv/session_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { configEpochKey } from "@/lib/kv/keys.ts";
import { testAuditLog } from "@/tests/contracts/audit_log.ts";
import { testMemberStore } from "@/tests/contracts/member_store.ts";
import { testPlanStore } from "@/tests/contracts/plan_store.ts";
import { testRatingStores } from "@/tests/contracts/rating_stores.ts";
import { testSessionStore } from "@/tests/contracts/session_store.ts";
import { testTenantStore } from "@/tests/contracts/tenant_store.ts";
import { testUsageLog } from "@/tests/contracts/usage_log.ts";
import { findDenoKv, startDenoKv } from "@/tests/support/denokv.ts";
import { startKvConnectProxy } from "@/tests/support/kv_connect_proxy.ts";
import { Random } from "@/tests/support/random.ts";

const SEED = 11;
const DROP_RATE = 0.5;

const binary = await findDenoKv();
if (binary === null) {
  Deno.test({ name: "every store keeps its contract on a lossy remote", ignore: true, fn() {} });
} else {
  await testRemote(binary);
}

async function testRemote(binary: string): Promise<void> {
  const server = await startDenoKv(binary);
  const proxy = startKvConnectProxy({
    target: server.url,
    random: new Random(SEED),
    dropRate: DROP_RATE,
  });
  const kv = await Deno.openKv(proxy.url);
  globalThis.addEventListener("unload", () => {
    kv.close();
    server.kill();
  });
  /** One server for all: each test finds it empty. */
  const open = async (): Promise<KvLike> => {
    for await (const { key } of kv.list({ prefix: [] })) await kv.delete(key);
    return kv;
  };
  const close = () => {};
  const on = "over a remote that loses half of its replies";

  testUsageLog(`The usage log ${on}`, async () => ({ kv: await open(), close }));
  testTenantStore(`The tenant store ${on}`, async () => {
    await open();
    return { store: createKvTenantStore(kv), plans: createKvPlanStore(kv), close };
  });
  testPlanStore(`The plan store ${on}`, async () => {
    await open();
    const epoch = async () => (await kv.get(configEpochKey())).versionstamp;
    return { store: createKvPlanStore(kv), epoch, close };
  });
  testRatingStores(`The rating stores ${on}`, async () => {
    await open();
    return { stores: createKvRatingStores(kv), close };
  });
  testAuditLog(`The audit log ${on}`, async () => {
    await open();
    return { log: createKvAuditLog(kv), close };
  });
  testMemberStore(`The member store ${on}`, async () => {
    await open();
    return { store: createKvMemberStore(kv), close };
  });
  testSessionStore(`The session store ${on}`, async () => {
    await open();
    return {
      sessions: createKvSessionStore(kv),
      oneTime: createKvOneTimeStore(kv, () => 0),
      attempts: createKvAttemptStore(kv),
      close,
    };
  });
  Deno.test("the remote did lose replies", () => {
    const { commits, dropped } = proxy.counts;
    console.info(`seed ${SEED}: ${commits} commits, ${dropped} replies dropped`);
    assert(dropped > commits / 3);
  });
}
