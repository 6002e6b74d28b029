import { z } from "zod";
import { shiftCycle } from "./billing_cycle.ts";
import type { TestClockDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { listPage, newestFirst } from "./list.ts";
import { page, text, unixTime } from "./params.ts";
import { invalid, noSuch } from "./refusal.ts";
import { SECOND_MS, seconds } from "./time.ts";

/** One advance covers at most so many intervals of the shortest subscription. */
const MAX_INTERVALS = 2;

export const testClockEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/test_helpers/test_clocks",
    z.strictObject({ frozen_time: unixTime(), name: text(300).optional() }),
    ({ tx }, params) => {
      const clock: TestClockDoc = {
        id: tx.nextId("clock"),
        created: seconds(tx.nowMs),
        name: params.name ?? null,
        frozenMs: params.frozen_time * SECOND_MS,
        deleted: false,
      };
      tx.put("test_clocks", clock.id, clock);
      return renderClock(clock, "ready");
    },
  ),
  endpoint("GET /v1/test_helpers/test_clocks", z.strictObject(page), ({ tx }, params) => {
    const live = newestFirst(tx.all("test_clocks")).filter((clock) => !clock.deleted);
    const url = "/v1/test_helpers/test_clocks";
    return listPage(live, { params, url, render: (clock) => renderClock(clock, "ready") });
  }),
  endpoint("GET /v1/test_helpers/test_clocks/:id", z.strictObject({}), (call) => {
    // Advancing is done before any later request is answered.
    return renderClock(existing(call), "ready");
  }),
  endpoint(
    "POST /v1/test_helpers/test_clocks/:id/advance",
    z.strictObject({ frozen_time: unixTime() }),
    (call, params) => {
      const before = existing(call);
      const frozenMs = params.frozen_time * SECOND_MS;
      if (frozenMs <= before.frozenMs) {
        throw invalid("A test clock can't be moved back.", "frozen_time");
      }
      if (frozenMs > furthestMs(call, before)) {
        throw invalid(
          `A test clock can't be advanced more than ${MAX_INTERVALS} intervals at once.`,
          "frozen_time",
        );
      }
      const clock = { ...before, frozenMs };
      call.tx.put("test_clocks", clock.id, clock);
      emitSnapshot(call, "test_helpers.test_clock.advancing", renderClock(clock, "advancing"));
      return renderClock(clock, "advancing");
    },
  ),
  endpoint("DELETE /v1/test_helpers/test_clocks/:id", z.strictObject({}), (call) => {
    const { tx } = call;
    const clock = existing(call);
    tx.put("test_clocks", clock.id, { ...clock, deleted: true });
    for (const customer of tx.all("customers")) {
      if (customer.testClock !== clock.id) continue;
      tx.put("customers", customer.id, { ...customer, deleted: true });
      for (const subscription of tx.all("subscriptions")) {
        if (subscription.customer !== customer.id || subscription.endedAtMs !== null) continue;
        const ended = { status: "canceled", endedAtMs: clock.frozenMs } as const;
        tx.put("subscriptions", subscription.id, { ...subscription, ...ended });
      }
    }
    return { id: clock.id, object: "test_helpers.test_clock", deleted: true };
  }),
];

function furthestMs({ tx }: Call, clock: TestClockDoc): number {
  let furthest = Infinity;
  for (const subscription of tx.all("subscriptions")) {
    if (subscription.endedAtMs !== null) continue;
    if (tx.get("customers", subscription.customer)?.testClock !== clock.id) continue;
    furthest = Math.min(furthest, shiftCycle(clock.frozenMs, subscription, MAX_INTERVALS));
  }
  return furthest;
}

function existing(call: Call): TestClockDoc {
  const clock = call.tx.get("test_clocks", idOf(call));
  if (clock === undefined || clock.deleted) throw noSuch("test_clock", idOf(call));
  return clock;
}

function renderClock(clock: TestClockDoc, status: "ready" | "advancing"): Reply {
  return {
    id: clock.id,
    object: "test_helpers.test_clock",
    created: clock.created,
    deletes_after: clock.created + 30 * 86_400,
    frozen_time: seconds(clock.frozenMs),
    livemode: false,
    name: clock.name,
    status,
    status_details: status === "ready"
      ? {}
      : { advancing: { target_frozen_time: seconds(clock.frozenMs) } },
  };
}
