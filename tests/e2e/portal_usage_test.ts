/** Usage, requests and the live stream of the tenant portal, in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { axeFaults } from "../support/page_checks.ts";
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
    await live.getByText("Live,").waitFor();
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
      const nowMs = Date.now();
      await page.route("**/portal/live", (route) =>
        route.fulfill({
          contentType: "text/event-stream",
          body: `retry: 600000\n${frame(nowMs, 7)}`,
        }));
      // The page's clock stands still until it is moved, however slow this machine is.
      await page.clock.setFixedTime(nowMs);
      await signIn(await app(), page);
      const live = page.locator(".live-chart");
      await live.getByText("Live,").waitFor();
      await page.clock.setFixedTime(nowMs + 5_001);
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

browserTest(
  "usage by feature and status: chart, table, address and CSV say the same",
  async () => {
    const portal = await app();
    await withPage(async (page, problems) => {
      await signIn(portal, page);
      await page.goto(`${portal.baseUrl}/portal/usage`);
      await page.getByLabel("Show").selectOption("Calls by status");
      await page.getByLabel("Feature").selectOption("POST /v1/ratings");
      await page.getByLabel("Status").selectOption("Refused, 4xx");
      await page.getByRole("button", { name: "Apply" }).click();
      await page.waitForURL(/show=calls_by_status/);
      const query = new URL(page.url()).searchParams;
      assertEquals([query.get("feature"), query.get("status")], ["POST /v1/ratings", "refused"]);
      const table = page.getByRole("table");
      const heads = await table.getByRole("columnheader").allInnerTexts();
      assertEquals(heads, ["Starting", "404", "All"]);
      const [, ...totals] = await table.locator("tfoot tr > *").allInnerTexts();
      assertEquals(totals, ["1", "1"]);
      assertStringIncludes(await page.locator("figure figcaption").innerText(), "1 in all");
      const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
      const csv = await (await page.request.get(`${portal.baseUrl}${href}`)).text();
      const rows = csv.trimEnd().split("\r\n").map((line) => line.split(","));
      assertEquals(rows[0], ["start_utc", "404", "all"]);
      assertEquals(rows.slice(1).reduce((sum, row) => sum + Number(row.at(-1)), 0), 1);
      assertEquals(problems, []);
    });
  },
);

browserTest("a huge range is cut, and the page says so", async () => {
  const portal = await app();
  await withPage(async (page) => {
    await signIn(portal, page);
    const range = "from=2000-01-01T00:00&to=2026-01-01T00:00&granularity=minute";
    await page.goto(`${portal.baseUrl}/portal/usage?${range}`);
    await page.getByText("At most 3 hours by minute can be shown at once").waitFor();
  });
});

browserTest(
  "a column of the chart is read by pointer and by key, and a range is chosen by both",
  async () => {
    const portal = await app();
    await withPage(async (page, problems) => {
      await signIn(portal, page);
      await page.goto(`${portal.baseUrl}/portal/usage`);
      const reader = page.locator(".chart-reader");
      const slider = reader.getByRole("slider", { name: "Column of the chart" });
      await slider.waitFor();
      assertStringIncludes(await slider.getAttribute("aria-valuetext") ?? "", "Risk scores: ");
      await slider.press("ArrowLeft");
      await page.locator('[aria-valuetext*="nothing"]').waitFor();
      assertEquals(await axeFaults(page), []);

      const box = await page.locator("figure svg").first().boundingBox();
      assert(box !== null);
      const at = (column: number) => box.x + box.width * (column + 0.5) / 30;
      const y = box.y + box.height / 2;
      await page.mouse.move(at(29), y);
      await reader.getByText(/Risk scores: /).waitFor();
      await page.mouse.move(at(20), y);
      await page.mouse.down();
      await page.mouse.move(at(29), y, { steps: 5 });
      await reader.getByText(/ to /).waitFor();
      await page.mouse.up();
      await page.waitForURL(/from=/);
      const query = new URL(page.url()).searchParams;
      const span = Date.parse(`${query.get("to")}Z`) - Date.parse(`${query.get("from")}Z`);
      assertEquals(span, 10 * 86_400_000);

      await page.goto(`${portal.baseUrl}/portal/usage`);
      await slider.focus();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await slider.focus();
      await page.keyboard.press("ArrowLeft");
      await page.getByRole("link", { name: "Show this range" }).waitFor();
      await page.keyboard.press("Tab");
      assertEquals(await page.evaluate("document.activeElement.textContent"), "Show this range");
      await page.keyboard.press("Enter");
      await page.waitForURL(/from=/);
      assertStringIncludes(await page.locator("main").innerText(), "Risk scores");
      assertEquals(problems, []);
    });
  },
);

browserTest("a refused call says why, and is found by its id, outcome and feature", async () => {
  const portal = await app();
  await withPage(async (page) => {
    await signIn(portal, page);
    await page.goto(`${portal.baseUrl}/portal/requests`);
    await page.getByLabel("Outcome").selectOption("Refused");
    await page.getByLabel("Feature").selectOption("POST /v1/ratings");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL(/status=refused/);
    const row = page.getByRole("row", { name: /instrument_not_found/ }).first();
    const id = /req_\w+/.exec(await row.innerText())?.[0] ?? "";
    await page.getByLabel("Request id").fill(id);
    await page.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL(/id=req_/);
    assertEquals(await page.getByRole("row").count(), 2);
    await page.getByRole("link", { name: "instrument_not_found" }).click();
    await page.waitForURL(/docs\/problems\/instrument_not_found/);
    await page.getByText("No such instrument").first().waitFor();
  });
});
