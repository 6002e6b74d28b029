import { z } from "zod";
import { releasePeriod } from "@/lib/billing/release_period.ts";
import { tryClose as tryCloseNow } from "@/lib/billing/try_close.ts";
import { accept } from "@/lib/domain/result.ts";
import type { BookLine } from "@/lib/ports/usage.ts";
import { NOTHING, operation } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor, sliceOf } from "./paging.ts";
import { toJson } from "./to_json.ts";

export const listBooks = operation({
  id: "listBooks",
  method: "GET",
  path: "/operator/v1/books",
  tag: "Books",
  summary: "Read the books: where the units of each tenant, meter, version and period are",
  description:
    "`acknowledged + adjusted = log + windows + outbox + sent − rejected + written_off`; " +
    "`difference` is what is missing, and 0 unless something is wrong.",
  input: z.strictObject({
    ...PAGE_QUERY,
    tenant_id: z.string().max(100).optional(),
    period_id: z.iso.date().optional(),
  }),
  answer: { status: 200, description: "One page of lines" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { tenant_id: tenantId, period_id: periodId } = call.input;
    const lines = await call.services.usage.books({
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(periodId === undefined ? {} : { periodId }),
    });
    const page = sliceOf(lines, wanted.value, lineKey);
    if (!page.ok) return page;
    const { items, position } = page.value;
    return accept({ body: { items: toJson(items), next_cursor: sealCursor(call, position) } });
  },
});

export const readEvidence = operation({
  id: "getBooksEvidence",
  method: "GET",
  path: "/operator/v1/books/evidence",
  tag: "Books",
  summary: "Compare two independent counts of everything ever acknowledged",
  input: NOTHING,
  answer: { status: 200, description: "What segments and ledger counted" },
  problems: [],
  async run({ services }) {
    return accept({ body: toJson(await services.usage.evidence()) });
  },
});

export const readPipeline = operation({
  id: "getPipeline",
  method: "GET",
  path: "/operator/v1/pipeline",
  tag: "Books",
  summary: "Read how far the metering pipeline is",
  description: "`outbox` counts entries by state. Units without an entry are `parked`: `waiting` " +
    "until they can be billed, or `unbilled`, of meters that bill no units.",
  input: NOTHING,
  answer: { status: 200, description: "What waits to be folded, sealed and sent" },
  problems: [],
  async run({ services }) {
    return accept({ body: toJson(await services.usage.pipeline()) });
  },
});

export const listCloses = operation({
  id: "listPeriodCloses",
  method: "GET",
  path: "/operator/v1/period-closes",
  tag: "Books",
  summary: "List how far the closes of billing periods are",
  description: "A page may hold fewer than `limit`; go on while there is a cursor.",
  input: z.strictObject({
    ...PAGE_QUERY,
    state: z.enum(["waiting", "held", "finalized"]).optional(),
    tenant_id: z.string().max(100).optional(),
  }),
  answer: { status: 200, description: "One page of closes, with the reasons of held ones" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { services, input: { state, tenant_id: tenantId } } = call;
    const { items, cursor } = await services.billing.store.periodCloses({
      ...wanted.value,
      ...(state === undefined ? {} : { state }),
      ...(tenantId === undefined ? {} : { tenantId }),
    });
    return accept({ body: { items: toJson(items), next_cursor: sealCursor(call, cursor) } });
  },
});

export const tryClose = operation({
  id: "tryPeriodClose",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/periods/{period}/close",
  tag: "Books",
  summary: "Try the close of an ended period now",
  input: NOTHING,
  answer: { status: 200, description: "How far it came; held ones say why" },
  problems: ["not_found", "period_not_found"],
  async run({ services, act, params }) {
    const { tenant: tenantId = "", period: periodId = "" } = params;
    const deps = { ...services.billing, audit: services.audit };
    const tried = await tryCloseNow(deps, { tenantId, periodId, act });
    return tried.ok ? accept({ body: toJson(tried.value) }) : tried;
  },
});

export const release = operation({
  id: "releasePeriod",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/periods/{period}/release",
  tag: "Books",
  summary: "Let a held invoice draft finalize although the books differ, and say why",
  input: z.strictObject({ reason: z.string().max(2_000) }),
  answer: { status: 200, description: "Finalized" },
  problems: ["not_held", "invalid_reason", "conflict"],
  async run({ services, act, params, input: { reason } }) {
    const { tenant: tenantId = "", period: periodId = "" } = params;
    const wanted = { tenantId, periodId, reason, act };
    const released = await releasePeriod(services.billing, wanted);
    return released.ok ? accept({ body: toJson(released.value) }) : released;
  },
});

function lineKey({ tenantId, meter, planRevision, periodId }: BookLine): string {
  return JSON.stringify([tenantId, meter, planRevision, periodId]);
}
