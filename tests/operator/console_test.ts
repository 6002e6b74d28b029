/** The operator console as a browser without JavaScript meets it. */
import { assert, assertEquals } from "@std/assert";
import { OPERATOR_TOKEN, startApi } from "@/tests/support/api_world.ts";

const ORIGIN = "http://127.0.0.1:8000";
const PAGES = [
  "/operator",
  "/operator/tenants",
  "/operator/tenants/new",
  "/operator/tenants/tn_console",
  "/operator/tenants/tn_console/usage",
  "/operator/tenants/tn_console/plan",
  "/operator/tenants/tn_console/limits",
  "/operator/tenants/tn_console/keys",
  "/operator/tenants/tn_console/members",
  "/operator/tenants/tn_console/status",
  "/operator/plans",
  "/operator/plans/new",
  "/operator/plans/test",
  "/operator/plans/test/edit",
  "/operator/outbox",
  "/operator/books",
  "/operator/reconcile",
  "/operator/closes",
  "/operator/approvals",
  "/operator/tenants/tn_console/money",
  "/operator/closes?state=all",
  "/operator/books?tenant=tn_console&show=differ",
  "/operator/outbox?state=written_off&tenant=tn_console",
  "/operator/anomalies",
  "/operator/runs",
  "/operator/webhooks",
  "/operator/webhooks/alerts",
  "/operator/audit",
  "/operator/search?q=console",
  "/operator/search/tenants?q=console",
  "/operator/settings",
  "/operator/settings/sessions",
  "/operator/settings/passkeys",
  "/operator/lists",
  "/operator/lists/load",
  "/operator/audit?chain=tn_console&verify=1",
];

Deno.test({
  name: "an operator signs in with the token and sees every page; nobody else sees any",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using world = await startApi();
    const tenant = await world.tenant("tn_console");
    const form = await world.send({ path: "/operator/sign-in" });
    const csrf = /name="csrf_token"[^>]*value="([^"]+)"/.exec(form.text)?.[1] ??
      /value="([^"]+)"[^>]*name="csrf_token"/.exec(form.text)?.[1];
    assert(csrf !== undefined, "the form carries its token");
    const browser = cookiesOf(form.headers);
    const signIn = (token: string) =>
      world.send({
        method: "POST",
        path: "/operator/sign-in",
        body: new URLSearchParams({ csrf_token: csrf, token }),
        headers: { cookie: browser, origin: ORIGIN },
      });
    assert((await signIn("wrong")).status >= 400, "a wrong token is refused");
    const signedIn = await signIn(OPERATOR_TOKEN);
    assertEquals(signedIn.status, 303);
    const cookie = `${browser}; ${cookiesOf(signedIn.headers)}`;
    for (const path of PAGES) {
      const page = await world.send({ path, headers: { cookie } });
      assertEquals(page.status, 200, path);
      const stranger = await world.send({ path });
      assert(stranger.status === 303 || stranger.status === 302, `${path}: ${stranger.status}`);
    }
    // Who is on the newest version has nowhere to go, so this leads back to the plan.
    const nowhere = { path: "/operator/plans/test/migrate?from=test@1", headers: { cookie } };
    const { status, headers } = await world.send(nowhere);
    assertEquals([status, headers.get("location")], [303, "/operator/plans/test"]);
    const { billing, clock } = world.runtime.services;
    const nowMs = clock.nowMs();
    await billing.store.putPlanMove({
      tenantId: "tn_console",
      from: "test@0",
      to: "test@1",
      startedAtMs: nowMs,
      attempts: 1,
      nextAttemptAtMs: nowMs + 3_600_000,
      detail: "Stripe is down",
    }, null);
    for (const path of ["/operator/tenants/tn_console", "/operator/tenants/tn_console/plan"]) {
      const { text } = await world.send({ path, headers: { cookie } });
      assert(text.includes("Stripe bills test@0 still, not test@1"), path);
      assert(text.includes("Attempt 1: Stripe is down"), path);
    }
    const absent = await world.send({ path: "/operator/tenants/tn_nobody", headers: { cookie } });
    assertEquals(absent.status, 404);
    assertEquals((await world.send({ path: "/operator/v1/anomalies" })).status, 401);
    assertEquals(
      (await world.send({ path: "/operator/v1/anomalies", key: OPERATOR_TOKEN })).status,
      200,
    );
    const described = "/operator/v1/openapi.json";
    assertEquals((await world.send({ path: described, key: OPERATOR_TOKEN })).status, 200);
    assertEquals((await world.send({ path: described, key: tenant.key })).status, 401);
  },
});

function cookiesOf(headers: Headers): string {
  return headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}
