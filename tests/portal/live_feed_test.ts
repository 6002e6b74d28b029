/** The live stream of one tenant, under a clock and delays of our own. */
import { assertEquals } from "@std/assert";
import { createLiveFeed, type LiveEvent } from "@/lib/portal/live_feed.ts";
import type { RequestRecord } from "@/lib/ports/traffic.ts";
import { FixedClock } from "../support/fixed_effects.ts";

const WINDOW = 5_000;

function feedAt(clock: FixedClock) {
  let reads = 0;
  const feed = createLiveFeed({
    clock,
    scheduler: {
      after: (delayMs, task) => {
        queueMicrotask(() => {
          clock.advance(delayMs);
          task();
        });
        return () => {};
      },
    },
    usage: {
      series: ({ tenantId, toMs }) => {
        reads += 1;
        return Promise.resolve(
          tenantId === "ten_a" ? [{ startMs: toMs - 2 * WINDOW, meter: "m", units: 9n }] : [],
        );
      },
    },
    traffic: {
      recent: ({ tenantId, limit }) =>
        Promise.resolve({
          items: Array.from({ length: limit }, (_, at) => call(tenantId, at)),
          cursor: null,
        }),
    },
    windowMs: WINDOW,
  });
  return { feed, reads: () => reads };
}

function call(tenantId: string, at: number): RequestRecord {
  return {
    requestId: `req_${at}`,
    tenantId,
    keyId: "key",
    atMs: at,
    route: "POST /v1/ratings",
    status: 200,
    code: null,
    units: 1n,
    cost: 0n,
    latencyMicros: 1,
  };
}

async function take(events: AsyncIterable<LiveEvent>, count: number): Promise<LiveEvent[]> {
  const taken: LiveEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

Deno.test("each event is the whole last five minutes and the latest calls", async () => {
  const { feed } = feedAt(new FixedClock());
  const events = await take(feed.follow({ tenantId: "ten_a", lastId: null }), 3);
  for (const { id, data } of events) {
    assertEquals(data.windows.length, 60);
    assertEquals(data.windows.reduce((sum, units) => sum + BigInt(units), 0n), 9n);
    assertEquals(data.calls.map(({ requestId }) => requestId).slice(0, 2), ["req_0", "req_1"]);
    assertEquals([Number(id), data.sentAtMs], [data.asOfMs, data.asOfMs]);
  }
  assertEquals(new Set(events.map(({ id }) => id)).size, 3);
});

Deno.test("a reader that reconnects is sent nothing as old as what it saw, on any instance", async () => {
  const clock = new FixedClock();
  const [last] = await take(feedAt(clock).feed.follow({ tenantId: "ten_a", lastId: null }), 1);
  // The next instance's clock lags behind by three seconds.
  const lagging = new FixedClock(clock.nowMs() - 3_000);
  const query = { tenantId: "ten_a", lastId: last?.id ?? null };
  const [next] = await take(feedAt(lagging).feed.follow(query), 1);
  assertEquals(Number(next?.id) > Number(last?.id), true);
});

Deno.test("an id that is nobody's begins anew", async () => {
  for (const lastId of ["999999999999999", "-1", "1e9", "", "x\r\ny"]) {
    const clock = new FixedClock();
    const startMs = clock.nowMs();
    const [event] = await take(feedAt(clock).feed.follow({ tenantId: "ten_a", lastId }), 1);
    assertEquals(event?.data.asOfMs, startMs, JSON.stringify(lastId));
  }
});

Deno.test("all who watch one tenant share its reads; another tenant sees its own", async () => {
  const { feed, reads } = feedAt(new FixedClock());
  const streams = [1, 2, 3].map(() => feed.follow({ tenantId: "ten_a", lastId: null }));
  const firsts = await Promise.all(streams.map((stream) => stream.next()));
  assertEquals(reads(), 1);
  assertEquals(new Set(firsts.map(({ value }) => value?.id)).size, 1);
  const [other] = await take(feed.follow({ tenantId: "ten_b", lastId: null }), 1);
  assertEquals(other?.data.windows.every((units) => units === "0"), true);
  for (const stream of streams) await stream.return(undefined);
});

Deno.test("a stream ends after ten minutes, so that the browser moves on to the next instance", async () => {
  const clock = new FixedClock();
  const startMs = clock.nowMs();
  const { feed } = feedAt(clock);
  let events = 0;
  for await (const { data } of feed.follow({ tenantId: "ten_a", lastId: null })) {
    events += 1;
    assertEquals(data.asOfMs - startMs < 600_000, true);
  }
  assertEquals(events, 300);
});
