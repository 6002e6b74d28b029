/** The console's Home and cron runs in a real browser: what is live, and what a person is told. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { useUnits } from "../support/whole_app.ts";

const TENANT = "tn_north";

let started: Promise<ConsoleApp> | null = null;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<ConsoleApp> {
  started ??= startConsole().then(async (desk) => {
    await desk.tenant(TENANT, "Northwind Capital");
    await useUnits(desk.runtime, { tenantId: TENANT, meter: "risk_score", units: 1_250n });
    return desk;
  });
  return started;
}

globalThis.addEventListener("unload", () => {
  started?.then((desk) => desk[Symbol.asyncDispose]());
});

browserTest("Home follows the pipeline while one looks, over one stream", async () => {
  const { baseUrl, runtime, signIn } = await app();
  await withPage(async (page, problems) => {
    await signIn(page);
    let streams = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/operator/live")) streams += 1;
    });
    await page.goto(`${baseUrl}/operator`);
    const live = page.locator(".live-pipeline");
    await live.getByText("Live,").waitFor();
    const rate = live.locator("strong");
    let seen = false;
    const seeing = rate.filter({ hasText: /[1-9]/ }).waitFor().finally(() => seen = true);
    // A rate is shown until the next figures come: usage goes on until somebody has looked.
    while (!seen) {
      await useUnits(runtime, { tenantId: TENANT, meter: "risk_score", units: 40_000n });
      await rate.innerText();
    }
    await seeing;
    assert(await live.locator("rect.s0").count() > 0, "the rate is drawn");
    assertEquals(streams, 1);
    assertEquals(problems, []);
  });
});

browserTest(
  "a page that nobody looks at holds no stream, and follows again once seen",
  async () => {
    const { baseUrl, signIn } = await app();
    await withPage(async (page) => {
      await signIn(page);
      const look = (hidden: boolean) =>
        page.evaluate((hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }, hidden);
      const isStream = (request: { url(): string }) => request.url().endsWith("/operator/live");
      await page.goto(`${baseUrl}/operator`);
      const live = page.locator(".live-pipeline");
      await live.getByText("Live,").waitFor();
      const closed = page.waitForEvent("requestfailed", isStream);
      await look(true);
      await closed;
      const opened = page.waitForRequest(isStream);
      await look(false);
      await opened;
      await live.getByText("Live,").waitFor();
    });
  },
);

browserTest("after a break the stream is resumed where it was", async () => {
  const { baseUrl, signIn } = await app();
  const asked: (string | null)[] = [];
  const answered: string[] = [];
  const resumed = Promise.withResolvers<void>();
  // In front of the app, since a browser shows nobody what it sends along with a reconnect.
  await using front = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (req) => {
    const { pathname, search } = new URL(req.url);
    const reply = await fetch(baseUrl + pathname + search, { headers: req.headers });
    if (pathname !== "/operator/live" || reply.body === null) return reply;
    asked.push(req.headers.get("last-event-id"));
    if (asked.length > 1) {
      resumed.resolve();
      return reply;
    }
    const events = await firstEvent(reply.body);
    answered.push(events);
    return new Response(events, { headers: { "content-type": "text/event-stream" } });
  });
  await withPage(async (page) => {
    await signIn(page);
    await page.goto(`http://127.0.0.1:${front.addr.port}/operator`);
    await resumed.promise;
    await page.locator(".live-pipeline").getByText("Live,").waitFor();
  });
  const id = /^id: (.+)$/m.exec(answered[0] ?? "")?.[1];
  assert(id !== undefined, "the first stream had an event with an id");
  assertEquals(asked.slice(0, 2), [null, id]);
});

browserTest(
  "figures older than five seconds are not called live, also when they come",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    await withPage(async (page) => {
      await signIn(page);
      const nowMs = runtime.services.clock.nowMs();
      let ageMs = 0;
      await page.route("**/operator/live", (route) =>
        route.fulfill({
          contentType: "text/event-stream",
          body: streamOf({ asOfMs: nowMs - ageMs, sentAtMs: nowMs }),
        }));
      // The page's clock stands still until it is moved, however slow this machine is.
      await page.clock.setFixedTime(nowMs);
      await page.goto(`${baseUrl}/operator`);
      const live = page.locator(".live-pipeline");
      await live.getByText("Live,").waitFor();
      await page.clock.setFixedTime(nowMs + 5_001);
      await live.getByText("reconnecting").waitFor();
      assertEquals(await live.getByText("Live,").count(), 0);
      ageMs = 6_000;
      await page.reload();
      await live.getByText("4,321").waitFor();
      assertEquals(await live.getByText("Live,").count(), 0);
    });
  },
);

browserTest("without a script Home says how the pipeline was when the page was made", async () => {
  const { baseUrl, signIn } = await app();
  await withPage(async (page) => {
    await signIn(page);
    await page.goto(`${baseUrl}/operator`);
    const live = page.locator(".live-pipeline");
    assertStringIncludes(await live.innerText(), "As of");
    assertStringIncludes(await live.innerText(), "Flush lag");
    assertStringIncludes(await page.locator(".stats").innerText(), "Revenue so far");
    assertStringIncludes(await page.locator("main").innerText(), "The books balance.");
  }, { javaScriptEnabled: false });
});

browserTest("nobody but an operator gets the stream", async () => {
  const { baseUrl } = await app();
  const reply = await fetch(`${baseUrl}/operator/live`, {
    headers: { accept: "text/event-stream" },
    redirect: "manual",
  });
  await reply.body?.cancel();
  assertEquals(reply.status, 303);
  assertStringIncludes(reply.headers.get("location") ?? "", "/operator/sign-in");
});

browserTest("Home names what needs a person, and leads to it", async () => {
  const { baseUrl, runtime, signIn } = await app();
  const startedAtMs = runtime.services.clock.nowMs();
  await runtime.services.choreRuns.note({
    name: "hourly",
    startedAtMs,
    endedAtMs: startedAtMs + 1,
    ok: false,
    report: { error: "Error: Stripe is away <b>" },
  });
  await withPage(async (page) => {
    await signIn(page);
    await page.goto(`${baseUrl}/operator`);
    const needs = page.getByRole("region", { name: "Needs a person now" });
    await needs.getByText("Error: Stripe is away <b>").waitFor();
    await needs.getByText("1 tenant has no subscription").waitFor();
    await needs.getByRole("link", { name: "The hourly run failed" }).click();
    await page.waitForURL(`${baseUrl}/operator/runs?name=hourly`);
    await page.getByRole("row", { name: /failed.*Error: Stripe is away <b>/ }).waitFor();
  });
});

browserTest(
  "an hour out of the ordinary is listed, counted on Home, and leads to its tenant",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    const nowMs = runtime.services.clock.nowMs();
    const hourStartMs = nowMs - nowMs % 3_600_000 - 7_200_000;
    await runtime.services.billing.store.putAnomaly({
      tenantId: TENANT,
      meter: "risk_score",
      hourStartMs,
      kind: "spike",
      units: 9_120,
      expected: 410.2,
      score: 8.44,
      foundAtMs: nowMs,
    });
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator`);
      await page.getByRole("link", { name: "1 anomaly in the last 24 hours" }).click();
      await page.getByRole("row", { name: /spike.*Risk score 9,120 410 8.4/ }).waitFor();
      await page.getByRole("link", { name: "Northwind Capital" }).click();
      await page.getByRole("heading", { level: 1, name: "Northwind Capital" }).waitFor();
    });
  },
);

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `a run is started by hand and says what it did, ${
      javaScriptEnabled ? "with" : "without"
    } a script`,
    async () => {
      const { baseUrl, signIn } = await app();
      await withPage(async (page) => {
        await signIn(page);
        await page.goto(`${baseUrl}/operator/runs`);
        await page.getByRole("button", { name: /Run now.*flush/ }).click();
        await page.getByText("The run is through.").waitFor();
        const card = page.getByRole("region", { name: "flush", exact: true });
        assertStringIncludes(await card.innerText(), "done");
        assertStringIncludes(await card.innerText(), "Next due");
        const newest = page.getByRole("row", { name: /flush.*done/ }).first();
        const did = await newest.getByRole("cell").last().innerText();
        assert(/Nothing was due|sealed|sent|left for later|delivered/.test(did), did);
        await page.getByRole("link", { name: "daily" }).click();
        await page.getByText("No run yet").waitFor();
      }, { javaScriptEnabled });
    },
  );
}

/** What comes of a stream up to the end of its first event; the rest is let go. */
async function firstEvent(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [first] = /^[^]*?^data: .*\n\n/m.exec(text) ?? [];
    if (first !== undefined) return first;
  }
  return text;
}

/** One event of a stream that then breaks off. */
function streamOf({ asOfMs, sentAtMs }: { asOfMs: number; sentAtMs: number }): string {
  const sample = {
    asOfMs,
    acknowledgedUnits: "5",
    unfoldedSegments: 4_321,
    openMinutes: 0,
    toSend: 0,
    held: 0,
    doubtful: 0,
    oldestUnsentAgeMs: null,
    lastFlushAtMs: null,
  };
  const data = { sentAtMs, samples: [sample] };
  return `retry: 600000\ndata: ${JSON.stringify(data)}\n\n`;
}
