import type { CloseModel } from "@/components/operator/closes/ClosePage.tsx";
import type { ClosesModel, ClosesTab } from "@/components/operator/closes/ClosesPage.tsx";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { reasonsText } from "@/lib/billing/release_period.ts";
import type { CloseState } from "@/lib/ports/money_ledger.ts";
import type { Services } from "@/lib/services.ts";
import { askStripe } from "./ask_stripe.ts";
import { filterWord, hrefOf } from "./address.ts";
import { type TenantNaming, wantedTenant } from "./find_tenants.ts";
import { pagerOf } from "./pager.ts";

type ClosesDeps = Pick<Services, "billing" | "cursors" | "clock"> & TenantNaming;

export const CLOSES_PATH = "/operator/closes";
const PAGE_SIZE = 50;
const TABS: readonly ClosesTab[] = ["held", "waiting", "finalized", "all"];

/** One page of closes; those that are held come first to mind. */
export async function loadCloses(
  { billing: { store }, tenants, cursors, clock }: ClosesDeps,
  query: URLSearchParams,
): Promise<ClosesModel> {
  const tab = filterWord(query, { name: "state", words: TABS, fallback: "held" });
  const tenantId = await wantedTenant({ tenants }, query);
  const filters = { state: tab === "held" ? "" : tab, tenant: tenantId };
  const place = pagerOf(cursors, { owner: "operator", path: CLOSES_PATH, filters, query });
  const state: CloseState | null = tab === "all" ? null : tab;
  const { items, cursor } = await store.periodCloses({
    ...place.from,
    limit: PAGE_SIZE,
    ...(state === null ? {} : { state }),
    ...(tenantId === "" ? {} : { tenantId }),
  });
  return {
    tab,
    tenantId,
    asOfMs: clock.nowMs(),
    tabs: TABS.map((key) => ({
      key,
      href: hrefOf(CLOSES_PATH, { state: key === "held" ? "" : key, tenant: tenantId }),
    })),
    closes: items,
    names: await tenants.tenantNames(items.map((close) => close.tenantId)),
    ...place.links(cursor),
  };
}

/** One close with our bill and Stripe's invoice beside it; `null` when there is none. */
export async function loadClose(
  { billing, portal, clock }:
    & Pick<Services, "billing" | "clock">
    & { readonly portal: Pick<Services["portal"], "scheduler"> },
  { tenantId, periodId }: { readonly tenantId: string; readonly periodId: string },
): Promise<Omit<CloseModel, "attempt"> | null> {
  const close = (await billing.store.periodClose(tenantId, periodId))?.value;
  if (close === undefined) return null;
  const { invoiceId } = close;
  const [tenant, ours, theirs] = await Promise.all([
    billing.tenants.tenant(tenantId),
    invoiceStatement(billing, { tenantId, periodId }),
    invoiceId === null
      ? null
      : askStripe(portal.scheduler, () => billing.provider.invoice(invoiceId)),
  ]);
  return {
    close,
    seen: reasonsText(close.reasons),
    tenantName: tenant?.value.name ?? null,
    asOfMs: clock.nowMs(),
    statement: ours.ok ? ours.value.statement : null,
    invoice: theirs,
  };
}
