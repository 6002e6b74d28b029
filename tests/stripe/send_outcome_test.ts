/** What each way of failing means for a meter event that was sent, over real HTTP. */
import { assert, assertEquals } from "@std/assert";
import type { MeterEvent, SendOutcome } from "@/lib/ports/billing_provider.ts";
import { asProviderError, outcomeOf } from "@/lib/stripe/failures.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { FaultAction } from "@/lib/stripe/simulator/faults.ts";
import { openStripeWorld, type StripeWorld, type WorldOptions } from "./stripe_world.ts";

const METER_EVENTS = "/v1/billing/meter_events";

async function inWorld(
  body: (world: StripeWorld, event: MeterEvent) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const world = await openStripeWorld({ http: true, ...options });
  try {
    const stripeCustomerId = await world.customer();
    await world.provider.ensureMeter({ eventName: "risk_score", displayName: "Risk score" });
    await body(world, {
      identifier: "m1-a",
      eventName: "risk_score",
      stripeCustomerId,
      units: 5n,
      timestampMs: world.clock.nowMs(),
      attempt: 1,
    });
  } finally {
    await world.close();
  }
}

async function counted(world: StripeWorld, event: MeterEvent): Promise<bigint> {
  const [summary] = await world.provider.summaries({
    eventName: event.eventName,
    stripeCustomerId: event.stripeCustomerId,
    startMs: event.timestampMs,
    endMs: event.timestampMs + 60_000,
  });
  return summary?.units ?? 0n;
}

const AMBIGUOUS: readonly { action: FaultAction; effect: boolean }[] = [
  { action: { kind: "lose_reply" }, effect: true },
  { action: { kind: "error_after" }, effect: true },
  { action: { kind: "error_before" }, effect: false },
];

for (const { action, effect } of AMBIGUOUS) {
  Deno.test(`after ${action.kind} the outcome is unknown, and a second attempt counts once`, () =>
    inWorld(async (world, event) => {
      world.simulator.control.addFault({ path: METER_EVENTS, action });
      assertEquals((await world.provider.sendMeterEvent(event)).kind, "unknown");
      assertEquals(await counted(world, event), effect ? 5n : 0n);
      const second = await world.provider.sendMeterEvent({ ...event, attempt: 2 });
      assertEquals(second.kind, effect ? "already_exists" : "delivered");
      assertEquals(await counted(world, event), 5n);
    }));
}

Deno.test("a stored 500 comes back under the same Idempotency-Key, which is why it rotates", () =>
  inWorld(async (world, event) => {
    world.simulator.control.addFault({ path: METER_EVENTS, action: { kind: "error_before" } });
    assertEquals((await world.provider.sendMeterEvent(event)).kind, "unknown");
    assertEquals((await world.provider.sendMeterEvent(event)).kind, "unknown");
    assertEquals((await world.provider.sendMeterEvent({ ...event, attempt: 2 })).kind, "delivered");
  }));

Deno.test("an outage is unknown, and the event arrives after it", () =>
  inWorld(async (world, event) => {
    world.simulator.control.setOutage(true);
    assertEquals((await world.provider.sendMeterEvent(event)).kind, "unknown");
    world.simulator.control.setOutage(false);
    assertEquals((await world.provider.sendMeterEvent({ ...event, attempt: 2 })).kind, "delivered");
  }));

Deno.test("no answer within the timeout is unknown", async () => {
  const waits: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => waits.push(resolve));
  await inWorld(async (world, event) => {
    world.simulator.control.addFault({ path: METER_EVENTS, action: { kind: "delay", ms: 1 } });
    assertEquals((await world.provider.sendMeterEvent(event)).kind, "unknown");
    for (const release of waits) release();
    await world.simulator.tick();
    assertEquals(
      (await world.provider.sendMeterEvent({ ...event, attempt: 2 })).kind,
      "already_exists",
    );
  }, { timeoutMs: 100, wait });
});

Deno.test("a closed port is unknown", async () => {
  const world = await openStripeWorld({ http: true });
  await world.close();
  const event = {
    identifier: "m1-a",
    eventName: "risk_score",
    stripeCustomerId: "cus_x",
    units: 1n,
    timestampMs: world.clock.nowMs(),
    attempt: 1,
  };
  assertEquals((await world.provider.sendMeterEvent(event)).kind, "unknown");
});

Deno.test("429 is throttled for as long as Stripe says, and not retried by the SDK", () =>
  inWorld(async (world, event) => {
    const action = { kind: "rate_limit", retryAfterSeconds: 7 } as const;
    world.simulator.control.addFault({ path: METER_EVENTS, action });
    const outcome = await world.provider.sendMeterEvent(event);
    assertEquals(outcome, { kind: "throttled", retryAfterMs: 7_000 });
    assertEquals(await counted(world, event), 0n);
  }));

Deno.test("lock_timeout is throttled and left to our own retries", () =>
  inWorld(async (world, event) => {
    const action = { kind: "lock_timeout" } as const;
    world.simulator.control.addFault({ path: METER_EVENTS, action, times: 1 });
    assertEquals((await world.provider.sendMeterEvent(event)).kind, "throttled");
    assertEquals(await counted(world, event), 0n);
  }));

Deno.test("two calls at once for one customer and meter: one is throttled", async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const wait = () => {
    entered.resolve();
    return release.promise;
  };
  await inWorld(async (world, event) => {
    world.simulator.control.addFault({ path: METER_EVENTS, action: { kind: "delay", ms: 1 } });
    const first = world.provider.sendMeterEvent(event);
    await entered.promise;
    const second = await world.provider.sendMeterEvent({ ...event, identifier: "m1-b" });
    assertEquals(second.kind, "throttled");
    release.resolve();
    assertEquals((await first).kind, "delivered");
  }, { wait });
});

Deno.test("a batch keeps events of one customer and meter apart by itself", () =>
  inWorld(async (world, event) => {
    const events = Array.from({ length: 30 }, (_, at) => ({
      ...event,
      identifier: `m1-${at}`,
      timestampMs: event.timestampMs - at * 60_000,
    }));
    const outcomes = await world.provider.sendMeterEvents(events);
    assertEquals(outcomes.map(({ kind }) => kind), events.map(() => "delivered"));
  }));

for (const kind of ["unauthorized", "forbidden"] as const) {
  Deno.test(`${kind} stops the rest of a batch`, () =>
    inWorld(async (world, event) => {
      world.simulator.control.addFault({ path: METER_EVENTS, action: { kind } });
      const events = [0, 1, 2].map((at) => ({ ...event, identifier: `m1-${at}` }));
      const outcomes = await world.provider.sendMeterEvents(events);
      assertEquals(outcomes.map((outcome) => outcome.kind), [
        "unauthorized",
        "unauthorized",
        "unauthorized",
      ]);
      assertEquals(await counted(world, event), 0n);
    }));
}

Deno.test("an unknown customer is accepted, and reported later with its identifier", () =>
  inWorld(async (world, event) => {
    const lost = { ...event, stripeCustomerId: "cus_nobody" };
    assertEquals((await world.provider.sendMeterEvent(lost)).kind, "delivered");
    world.clock.advance(20_000);
    await world.simulator.tick();
    const notices = await world.provider.noticesSince({ sinceMs: 0, limit: 100 });
    const notice = notices.find(({ kind }) => kind === "meter_errors");
    assert(notice !== undefined);
    const report = await world.provider.meterErrors(notice.eventId);
    assertEquals(report.errorCount, 1);
    assertEquals(report.samples.map(({ code, identifier }) => ({ code, identifier })), [
      { code: "meter_event_customer_not_found", identifier: "m1-a" },
    ]);
  }));

Deno.test("an event for no meter is reported as no_meter_found", () =>
  inWorld(async (world, event) => {
    const lost = { ...event, eventName: "never_made" };
    assertEquals((await world.provider.sendMeterEvent(lost)).kind, "delivered");
    await world.simulator.control.reportErrors();
    const notices = await world.provider.noticesSince({ sinceMs: 0, limit: 100 });
    const notice = notices.find(({ kind }) => kind === "no_meter_found");
    assert(notice !== undefined);
    const [sample] = (await world.provider.meterErrors(notice.eventId)).samples;
    assertEquals(sample?.identifier, "m1-a");
  }));

Deno.test("the pull of lost webhooks reads error reports over all pages, oldest first", () =>
  inWorld(async (world, event) => {
    const REPORTS = 130;
    for (let at = 0; at < REPORTS; at += 1) {
      const lost = { ...event, identifier: `m1-${at}`, stripeCustomerId: "cus_nobody" };
      assertEquals((await world.provider.sendMeterEvent(lost)).kind, "delivered");
      world.clock.advance(10_000);
    }
    await world.simulator.tick();
    const notices = await world.provider.noticesSince({ sinceMs: 0, limit: 1_000 });
    const reports = notices.filter(({ kind }) => kind === "meter_errors");
    assertEquals(reports.length, REPORTS);
    const times = reports.map(({ createdAtMs }) => createdAtMs);
    assertEquals(times, times.toSorted((a, b) => a - b));
  }, { http: false }));

Deno.test("a refusal keeps Stripe's code and words", () =>
  inWorld(async (world, event) => {
    const action = { kind: "refuse", code: "archived_meter", message: "It is archived." } as const;
    world.simulator.control.addFault({ path: METER_EVENTS, action });
    assertEquals(await world.provider.sendMeterEvent(event), {
      kind: "refused",
      code: "archived_meter",
      detail: "It is archived.",
    });
  }));

Deno.test("failures are read by status, whatever their class", () => {
  const table: readonly (readonly [Record<string, unknown>, SendOutcome["kind"]])[] = [
    [{ type: "StripeConnectionError" }, "unknown"],
    [{ type: "StripeAPIError", statusCode: 500 }, "unknown"],
    [{ type: "StripeAPIError", statusCode: 503 }, "unknown"],
    [{ type: "StripeAPIError" }, "unknown"],
    [{ type: "StripeAPIError", statusCode: 409 }, "throttled"],
    [{ type: "StripeRateLimitError", statusCode: 429 }, "throttled"],
    [{ type: "StripeRateLimitError", statusCode: 400, code: "rate_limit" }, "throttled"],
    [{ type: "StripeAuthenticationError", statusCode: 401 }, "unauthorized"],
    [{ type: "StripePermissionError", statusCode: 403 }, "unauthorized"],
    [{ type: "StripeInvalidRequestError", statusCode: 400, code: "no_meter" }, "refused"],
    [{ type: "StripeInvalidRequestError", statusCode: 404 }, "refused"],
    [{ type: "StripeIdempotencyError", statusCode: 400 }, "refused"],
  ];
  for (const [fields, kind] of table) {
    const error = Object.assign(new Error("words"), fields);
    assertEquals(outcomeOf(error).kind, kind, JSON.stringify(fields));
  }
  assertEquals(outcomeOf(new TypeError("a defect")).kind, "unknown");
});

Deno.test("a call without an outcome throws a ProviderError with a stable code", () => {
  const code = (fields: Record<string, unknown>) => {
    const made = asProviderError(Object.assign(new Error("words"), fields));
    assert(made instanceof ProviderError);
    return made.code;
  };
  assertEquals(code({ type: "StripeConnectionError" }), "unavailable");
  assertEquals(code({ type: "StripeAPIError", statusCode: 500 }), "unavailable");
  assertEquals(code({ type: "StripeRateLimitError", statusCode: 429 }), "throttled");
  assertEquals(code({ type: "StripePermissionError", statusCode: 403 }), "unauthorized");
  assertEquals(
    code({ type: "StripeInvalidRequestError", statusCode: 400, code: "resource_missing" }),
    "resource_missing",
  );
  const defect = new TypeError("a defect");
  assertEquals(asProviderError(defect), defect);
});
