/** An instance that only looks, on the database of one that acts. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { mayAct } from "@/lib/compose/acting.ts";
import { compose, type ComposeOptions, type Runtime } from "@/lib/compose.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { tryClose } from "@/lib/billing/try_close.ts";
import { liveDatabaseKey } from "@/lib/kv/keys.ts";
import { type Env, parseEnv } from "@/lib/platform/env.ts";
import { NotActing } from "@/lib/ports/acting.ts";
import type { Mail } from "@/lib/ports/mailer.ts";
import { must, startApi } from "@/tests/support/api_world.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";
import { MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { useUnits } from "@/tests/support/whole_app.ts";

const NOVEMBER = Date.parse("2026-11-24T10:00:00Z");
const DECEMBER = Date.parse("2026-12-01T02:00:00Z");
const CHORES = ["flush", "watch", "hourly", "daily"] as const;
const SECRET = "0123456789abcdef0123456789abcdef";

/** A server in the place of Stripe that counts who calls it. */
function countingServer() {
  let calls = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    calls += 1;
    return Response.json({ error: { type: "api_error", message: "counted" } }, { status: 500 });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, calls: () => calls, close: () => server.shutdown() };
}

/** All that a preview could move: closes, entries, notices, alerts, tenants, runs of chores. */
async function stateOf({ services }: Runtime) {
  const { billing: { store }, usage, choreRuns, tenants } = services;
  const sinceMs = 0;
  return {
    closes: (await store.periodCloses({ limit: 100 })).items,
    pipeline: { ...await usage.pipeline(), oldestUnsentAgeMs: null },
    notices: await store.waiting(500),
    alerts: (await store.recentAlerts({ sinceMs, limit: 100 })).items,
    tenants: (await tenants.tenants({ limit: 100 })).items,
    runs: await choreRuns.runs({ limit: 100 }),
  };
}

Deno.test({
  name: "a preview does none of the recurring work, calls nobody and moves no period",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const server = countingServer();
    let nowMs = NOVEMBER;
    const clock = { nowMs: () => nowMs };
    const logger = new MemoryLogger();
    const mails: Mail[] = [];
    const mailer = {
      send: (mail: Mail) => (mails.push(mail), Promise.resolve({ kind: "sent" } as const)),
    };
    const options: ComposeOptions = { clock, logger, mailer, kv: PATIENT_KV };
    const KV_URL = `${folder}/shared.db`;
    const api = await startApi({ KV_URL }, options);
    const acting = api.runtime;
    const test = must(parseEnv({
      KV_URL,
      STRIPE_SECRET_KEY: "sk_test_preview",
      STRIPE_API_BASE: server.url,
      STRIPE_WEBHOOK_SECRET: "whsec_preview",
      SESSION_SECRET: SECRET,
      OPERATOR_TOKEN: SECRET,
    }));
    const env: Env = { ...test, stripe: { ...test.stripe, pushAllowed: false } };
    const preview = await compose(env, options);
    try {
      const { services } = acting;
      await api.tenant("ten_a");
      const collection = { kind: "invoice", daysUntilDue: 30 } as const;
      const setUp = { tenantId: "ten_a", email: "ada@example.com", collection };
      must(await provisionTenant(services.billing, setUp));
      await useUnits(acting, { tenantId: "ten_a", meter: "risk_score", units: 100n });
      nowMs = DECEMBER;
      mails.length = 0;
      const before = await stateOf(preview);
      const ofNovember = ({ closes }: typeof before) =>
        closes.filter(({ periodId }) => periodId === "2026-11-01").length;
      assertEquals(ofNovember(before), 0);
      for (const name of CHORES) {
        const { ok, report } = await preview.services.chores.run(name);
        assertEquals([name, ok, report], [name, true, { preview: 1 }]);
      }
      preview.services.chores.applyNoticesSoon();
      assertEquals(await stateOf(preview), before);
      assertEquals([server.calls(), mails], [0, []]);

      // By hand neither.
      const [tenant] = before.tenants;
      assert(tenant !== undefined);
      const act = { actor: { kind: "operator", id: "olga" }, ip: null, requestId: "r" } as const;
      const wanted = { tenantId: tenant.tenantId, periodId: "2026-11-01", act };
      const deps = { ...preview.services.billing, audit: preview.services.audit };
      await assertRejects(() => tryClose(deps, wanted), NotActing);
      await assertRejects(
        () => preview.services.billing.provider.finalizeInvoice("in_any"),
        NotActing,
      );
      const mail = { to: "a@example.com", subject: "Sign in", text: "" };
      assertEquals((await preview.services.portal.mailer.send(mail)).kind, "failed");
      assertEquals(await stateOf(preview), before);
      assertEquals([server.calls(), mails], [0, []]);

      // The same work is done by the instance that acts.
      for (const name of CHORES) assert((await services.chores.run(name)).ok);
      const after = await stateOf(acting);
      assert(ofNovember(after) > 0 && after.runs.length >= CHORES.length);
      const sent = ({ pipeline }: typeof before) => pipeline.outbox.sent.entries;
      assert(sent(after) > sent(before), "units are at Stripe");
    } finally {
      await preview.stop();
      await api[Symbol.asyncDispose]();
      await server.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the database of a live instance is acted on with a live key only, in production", async () => {
  const kv = await Deno.openKv(":memory:");
  const live = {
    STRIPE_SECRET_KEY: "rk_live_abc",
    STRIPE_WEBHOOK_SECRET: "whsec_abc",
    SESSION_SECRET: SECRET,
    OPERATOR_TOKEN: SECRET,
    KV_URL: "/var/lib/clawmeter/meter.db",
    BASE_URL: "https://meter.example.com",
  };
  const may = async (source: Readonly<Record<string, string>>) =>
    await mayAct(must(parseEnv(source)), kv);
  const test = { ...live, STRIPE_SECRET_KEY: "sk_test_abc" };
  assertEquals([await may({}), await may(test)], [true, true], "a database of its own");
  assertEquals(await may({ ...live, DENO_TIMELINE: "git-branch/x" }), false);
  assertEquals((await kv.get(liveDatabaseKey())).value, null, "a preview claims nothing");
  assertEquals(await may({ ...live, DENO_TIMELINE: "production" }), true);
  assertEquals([await may({}), await may(test)], [false, false]);
  assertEquals(await may({ ...live, ALLOW_LIVE_PUSH: "1" }), true);
  kv.close();
});
