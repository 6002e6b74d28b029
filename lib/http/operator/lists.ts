import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { accept } from "@/lib/domain/result.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { putList, rescreen } from "@/lib/rating/lists.ts";
import { ListSchema } from "@/lib/rating/schemas.ts";
import type { Services } from "@/lib/services.ts";
import { entityTag, writeCondition } from "../conditional.ts";
import { NOTHING, operation } from "./operation.ts";
import { toJson, toJsonObject } from "./to_json.ts";

const LIST_BYTES_MAX = 16 * 1_048_576;
/** Tenants screened within one request; instruments of the others are when they are next rated. */
const RESCREENED_TENANTS_MAX = 1_000;

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
  description: "Screens up to 1,000 tenants within the request; the others' instruments are " +
    "screened when they are next rated.",
  input: ListSchema,
  maxBytes: LIST_BYTES_MAX,
  answer: { status: 200, description: "In force; how much was screened" },
  problems: ["version_mismatch", "precondition_failed", "batch_too_large", "too_many_lists"],
  async run({ services, req, params, input }) {
    const condition = writeCondition(req);
    if (!condition.ok) return condition;
    const listId = params.list ?? "";
    const stored = await putList({
      scope: OPERATOR,
      listId,
      body: input,
      ...(condition.value === undefined ? {} : { ifVersion: condition.value }),
    }, services.lists);
    if (!stored.ok) return stored;
    const { version, count } = stored.value;
    const rescreened = await rescreenTenants(services);
    return accept({
      body: { version, count, rescreened: toJson(rescreened) },
      headers: { etag: entityTag(version) },
      note: {
        chain: OPERATOR_CHAIN,
        action: "list.replaced",
        subject: listId,
        after: { version, count, asOf: input.as_of, kind: input.kind },
      },
    });
  },
});

async function rescreenTenants({ tenants, lists }: Services) {
  let screenedTenants = 0;
  let instruments = 0;
  for await (const { tenantId, status } of eachTenant(tenants)) {
    if (screenedTenants >= RESCREENED_TENANTS_MAX) break;
    if (status === "closed") continue;
    instruments += await rescreen(tenantId, lists);
    screenedTenants += 1;
  }
  return { tenants: screenedTenants, instruments };
}
