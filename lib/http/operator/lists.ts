import { z } from "zod";
import { accept, refuse } from "@/lib/domain/result.ts";
import type { ListLoad } from "@/lib/ports/rating.ts";
import { isStalled } from "@/lib/rating/list_loads.ts";
import { ListSchema } from "@/lib/rating/schemas.ts";
import { entityTag, writeCondition } from "../conditional.ts";
import { NOTHING, operation } from "./operation.ts";
import { LIMIT_QUERY } from "./paging.ts";
import { toJsonObject } from "./to_json.ts";

const LIST_BYTES_MAX = 16 * 1_048_576;
const LOADS = "/operator/v1/list-loads";

const OPERATOR = { kind: "operator" } as const;

export const listLists = operation({
  id: "listOperatorLists",
  method: "GET",
  path: "/operator/v1/lists",
  tag: "Compliance",
  summary: "List the sanctions lists that every tenant is screened against",
  input: NOTHING,
  answer: { status: 200, description: "Heads of all lists" },
  problems: [],
  async run({ services }) {
    const heads = await services.lists.lists.lists(OPERATOR);
    const items = heads.map(({ value, version }) => ({ ...toJsonObject(value), version }));
    return accept({ body: { items } });
  },
});

export const replaceList = operation({
  id: "putOperatorList",
  method: "PUT",
  path: "/operator/v1/lists/{list}",
  tag: "Compliance",
  summary: "Replace a sanctions list, and screen every tenant's instruments against it",
  description: "The list is in force at once, all of it or nothing. Stored instruments of all " +
    "tenants are screened behind the request; `Location` tells how far that is. Whoever is rated " +
    "before is screened then.",
  input: ListSchema,
  maxBytes: LIST_BYTES_MAX,
  answer: { status: 202, description: "In force; screening goes on under `Location`" },
  problems: ["version_mismatch", "precondition_failed", "batch_too_large", "too_many_lists"],
  async run({ services: { listLoads, ids }, req, params, input, act, nowMs }) {
    const condition = writeCondition(req);
    if (!condition.ok) return condition;
    const replaced = await listLoads.replace({
      loadId: ids.next("lld"),
      listId: params.list ?? "",
      body: input,
      ...(condition.value === undefined ? {} : { ifVersion: condition.value }),
      act,
    });
    if (!replaced.ok) return replaced;
    const { loadId, version = null, count } = replaced.value;
    listLoads.screen(loadId);
    return accept({
      body: { version, count, load: loadView(replaced.value, nowMs) },
      headers: {
        location: `${LOADS}/${loadId}`,
        ...version === null ? {} : { etag: entityTag(version) },
      },
    });
  },
});

export const listListLoads = operation({
  id: "listListLoads",
  method: "GET",
  path: LOADS,
  tag: "Compliance",
  summary: "List loads of sanctions lists, newest first, and how far their screening is",
  input: z.strictObject(LIMIT_QUERY),
  answer: { status: 200, description: "The newest" },
  problems: [],
  async run({ services: { listLoads }, input: { limit }, nowMs }) {
    const loads = await listLoads.recent(limit);
    return accept({ body: { items: loads.map((load) => loadView(load, nowMs)) } });
  },
});

export const readListLoad = operation({
  id: "getListLoad",
  method: "GET",
  path: `${LOADS}/{load}`,
  tag: "Compliance",
  summary: "Read how far the screening against a loaded list is",
  input: NOTHING,
  answer: { status: 200, description: "`state` is `done` once every tenant was looked at" },
  problems: ["not_found"],
  async run({ services: { listLoads }, params, nowMs }) {
    const loadId = params.load ?? "";
    const load = await listLoads.load(loadId);
    if (load === null) return refuse({ code: "not_found", detail: `No load ${loadId}` });
    return accept({ body: loadView(load, nowMs) });
  },
});

/** Without the place where it goes on, which means nothing outside. */
function loadView({ cursor: _, ...load }: ListLoad, nowMs: number) {
  return { ...toJsonObject(load), stalled: isStalled({ ...load, cursor: null }, nowMs) };
}
