import { z } from "zod";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { accept, refuse } from "@/lib/domain/result.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ReconcileRow } from "@/lib/ports/report_store.ts";
import { NOTHING, operation } from "./operation.ts";
import { LIMIT_QUERY, PAGE_QUERY, pageWanted, sealCursor, sliceOf } from "./paging.ts";
import { toJson } from "./to_json.ts";

export const runReconcile = operation({
  id: "reconcile",
  method: "POST",
  path: "/operator/v1/reconcile",
  tag: "Books",
  summary: "Compare our ledger with Stripe's summaries and invoice previews, now",
  input: z.strictObject({ tenant_id: z.string().max(100).optional() }),
  answer: { status: 201, description: "The report; its rows are kept under its id" },
  problems: ["unknown_tenant"],
  async run({ services, input: { tenant_id: tenantId } }) {
    if (tenantId !== undefined && await services.tenants.tenant(tenantId) === null) {
      return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
    }
    const scope = tenantId === undefined ? {} : { tenantId };
    const { report } = await reconcile(services.billing, scope);
    const note = {
      chain: OPERATOR_CHAIN,
      action: "books.reconciled",
      subject: report.reportId,
      after: report,
    };
    return accept({ body: toJson(report), note });
  },
});

export const listReports = operation({
  id: "listReconcileReports",
  method: "GET",
  path: "/operator/v1/reconcile/reports",
  tag: "Books",
  summary: "List reconciliation reports, newest first",
  input: z.strictObject(LIMIT_QUERY),
  answer: { status: 200, description: "The newest" },
  problems: [],
  async run({ services, input: { limit } }) {
    return accept({ body: { items: toJson(await services.billing.store.reports(limit)) } });
  },
});

export const readReport = operation({
  id: "getReconcileReport",
  method: "GET",
  path: "/operator/v1/reconcile/reports/{report}",
  tag: "Books",
  summary: "Read a reconciliation report",
  input: NOTHING,
  answer: { status: 200, description: "Its sums, and tenants that could not be checked" },
  problems: ["not_found"],
  async run({ services, params }) {
    const reportId = params.report ?? "";
    const report = await services.billing.store.report(reportId);
    if (report === null) return refuse({ code: "not_found", detail: `No report ${reportId}` });
    return accept({ body: toJson(report) });
  },
});

export const listReportRows = operation({
  id: "listReconcileRows",
  method: "GET",
  path: "/operator/v1/reconcile/reports/{report}/rows",
  tag: "Books",
  summary: "Read a report's rows: ledger and Stripe of each tenant, meter and period",
  input: z.strictObject({ ...PAGE_QUERY, tenant_id: z.string().max(100).optional() }),
  answer: { status: 200, description: "One page" },
  problems: ["not_found", "invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { store } = call.services.billing;
    const reportId = call.params.report ?? "";
    if (await store.report(reportId) === null) {
      return refuse({ code: "not_found", detail: `No report ${reportId}` });
    }
    const { tenant_id: tenantId } = call.input;
    const rows = await store.reportRows({
      reportId,
      ...(tenantId === undefined ? {} : { tenantId }),
    });
    const page = sliceOf(rows, wanted.value, rowKey);
    if (!page.ok) return page;
    const { items, position } = page.value;
    return accept({ body: { items: toJson(items), next_cursor: sealCursor(call, position) } });
  },
});

function rowKey({ tenantId, meter, periodId }: ReconcileRow): string {
  return JSON.stringify([tenantId, meter, periodId]);
}
