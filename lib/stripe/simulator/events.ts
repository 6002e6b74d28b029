import { z } from "zod";
import type { EventDoc } from "./documents.ts";
import { type Endpoint, endpoint, idOf, type Reply, type Scene } from "./endpoint.ts";
import { listPage, newestFirst } from "./list.ts";
import { integer, page } from "./params.ts";
import { noSuch } from "./refusal.ts";
import { seconds } from "./time.ts";

const DEFAULT_THIN_LIMIT = 20;

export const API_VERSION = "2026-10-28.endive";

/** Records that something happened to `object`, and queues its webhook. */
export function emitSnapshot(scene: Scene, type: string, object: Reply, atMs = scene.tx.nowMs) {
  const id = scene.tx.nextId("evt");
  scene.tx.put("events", id, {
    id,
    createdMs: atMs,
    kind: "snapshot",
    type,
    data: { object },
    relatedObject: null,
  });
  if (scene.host.listens("snapshot")) queueDelivery(scene, id);
}

export function emitThin(
  scene: Scene,
  spec: Pick<EventDoc, "type" | "data" | "relatedObject">,
): void {
  const id = scene.tx.nextId("evt");
  scene.tx.put("events", id, { id, createdMs: scene.tx.nowMs, kind: "thin", ...spec });
  if (scene.host.listens("thin")) queueDelivery(scene, id);
}

function queueDelivery({ tx }: Scene, event: string): void {
  const id = tx.nextId("dlv");
  tx.put("deliveries", id, { id, event, attempts: 0, nextMs: tx.nowMs });
}

/** As posted to an endpoint of snapshot events, and as `/v1/events` lists it. */
export function renderSnapshot(event: EventDoc): Reply {
  return {
    id: event.id,
    object: "event",
    api_version: API_VERSION,
    created: seconds(event.createdMs),
    data: event.data,
    livemode: false,
    pending_webhooks: 0,
    request: { id: null, idempotency_key: null },
    type: event.type,
  };
}

/** As posted to an endpoint of thin events: without the data. */
export function renderThin(event: EventDoc): Reply {
  return {
    id: event.id,
    object: "v2.core.event",
    type: event.type,
    created: new Date(event.createdMs).toISOString(),
    livemode: false,
    related_object: event.relatedObject,
  };
}

export const eventEndpoints: readonly Endpoint[] = [
  endpoint(
    "GET /v1/events",
    z.strictObject({
      ...page,
      type: z.string().optional(),
      types: z.array(z.string()).max(20).optional(),
      created: z.strictObject({
        gt: integer(),
        gte: integer(),
        lt: integer(),
        lte: integer(),
      }).partial().optional(),
    }),
    ({ tx }, params) => {
      const { created = {} } = params;
      const types = params.types ?? (params.type === undefined ? null : [params.type]);
      const wanted = newestFirst(tx.all("events")).filter((event) => {
        const at = seconds(event.createdMs);
        return event.kind === "snapshot" && (types === null || types.includes(event.type)) &&
          at >= (created.gte ?? -Infinity) && at > (created.gt ?? -Infinity) &&
          at <= (created.lte ?? Infinity) && at < (created.lt ?? Infinity);
      });
      return listPage(wanted, { params, url: "/v1/events", render: renderSnapshot });
    },
  ),
  endpoint("GET /v1/events/:id", z.strictObject({}), (call) => {
    const event = call.tx.get("events", idOf(call));
    if (event?.kind !== "snapshot") throw noSuch("event", idOf(call));
    return renderSnapshot(event);
  }),
  endpoint(
    "GET /v2/core/events",
    z.strictObject({
      limit: integer().optional(),
      page: z.string().optional(),
      types: z.array(z.string()).optional(),
    }),
    ({ tx }, params) => {
      const { limit = DEFAULT_THIN_LIMIT, types } = params;
      const wanted = newestFirst(tx.all("events")).filter((event) =>
        event.kind === "thin" && (types === undefined || types.includes(event.type))
      );
      const start = params.page === undefined
        ? 0
        : wanted.findIndex((event) => event.id === params.page) + 1;
      const shown = wanted.slice(start, start + limit);
      const next = new URLSearchParams({ limit: String(limit), page: shown.at(-1)?.id ?? "" });
      for (const [at, type] of (types ?? []).entries()) next.set(`types[${at}]`, type);
      return {
        data: shown.map(renderFull),
        next_page_url: start + limit < wanted.length ? `/v2/core/events?${next}` : null,
        previous_page_url: null,
      };
    },
  ),
  endpoint("GET /v2/core/events/:id", z.strictObject({}), (call) => {
    const event = call.tx.get("events", idOf(call));
    if (event?.kind !== "thin") throw noSuch("event", idOf(call));
    return renderFull(event);
  }),
];

function renderFull(event: EventDoc): Reply {
  return { ...renderThin(event), data: event.data };
}
