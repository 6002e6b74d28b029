/** Usage, requests and the live stream of the tenant portal, in a real browser. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { callApi, onePortal, signIn, TENANT } from "../support/portal_app.ts";
import { useUnits } from "../support/whole_app.ts";

const app = onePortal();

browserTest("the overview follows usage while one looks, as it happens", async () => {
  const { baseUrl, runtime } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    await page.goto(`${baseUrl}/portal`);
    const live = page.locator(".live-chart");
    await live.waitFor();
    const before = await live.locator("strong").innerText();
    await useUnits(runtime, { tenantId: TENANT, meter: "risk_score", units: 4_321n });
    await live.locator("strong").filter({ hasNotText: before }).waitFor();
    assertStringIncludes(await live.innerText(), "Live,");
  });
});

browserTest(
  "the latest calls are on the overview, and new ones appear while one looks",
  async () => {
    const portal = await app();
    await withPage(async (page) => {
      await signIn(portal, page);
      const calls = page.getByRole("list", { name: "Latest calls" });
      await calls.getByText("404").first().waitFor();
      const before = await calls.getByText("POST /v1/ratings").count();
      await callApi(portal, { apiKey: portal.apiKey });
      await calls.getByRole("listitem").nth(before).waitFor();
    });
  },
);

function frame(asOfMs: number, units: number): string {
  const message = {
    asOfMs,
    sentAtMs: asOfMs,
    windowMs: 5_000,
    windows: [String(units)],
    calls: [],
  };
  return `id: ${asOfMs}\ndata: ${JSON.stringify(message)}\n\n`;
}

browserTest(
  "live figures that stop coming are no longer called live after five seconds",
  async () => {
    await withPage(async (page) => {
      await page.route("**/portal/live", (route) =>
        route.fulfill({
          contentType: "text/event-stream",
          body: `retry: 600000\n${frame(Date.now(), 7)}`,
        }));
      await signIn(await app(), page);
      const live = page.locator(".live-chart");
      await live.getByText("Live,").waitFor();
      await live.getByText("reconnecting").waitFor();
      assertEquals(await live.getByText("Live,").count(), 0);
    });
  },
);

browserTest("what comes late out of a buffer is not called live, nor put over newer", async () => {
  await withPage(async (page) => {
    const now = Date.now();
    await page.route("**/portal/live", (route) =>
      route.fulfill({
        contentType: "text/event-stream",
        body: `retry: 600000\n${frame(now, 7)}${frame(now - 60_000, 8)}`,
      }));
    await signIn(await app(), page);
    const live = page.locator(".live-chart");
    await live.getByText("7 units").waitFor();
    assertEquals(await live.getByText("8 units").count(), 0);
  });
});

browserTest(
  "after a reconnect the stream goes on behind the last event, and one page has one stream",
  async () => {
    const asked: (string | null)[] = [];
    const now = Date.now();
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      ({ headers }) => {
        asked.push(headers.get("last-event-id"));
        const next = frame(now + asked.length, 40 + asked.length);
        const wait = asked.length < 3 ? "retry: 10" : "retry: 600000";
        const type = { "content-type": "text/event-stream" };
        return new Response(`${wait}\n${next}`, { headers: type });
      },
    );
    const url = `http://127.0.0.1:${server.addr.port}/`;
    await withPage(async (page) => {
      await page.route("**/portal/live", (route) => route.continue({ url }));
      await signIn(await app(), page);
      await page.locator(".live-chart").getByText("43 units").waitFor();
      assertEquals(asked, [null, String(now + 1), String(now + 2)]);
    });
  },
);
