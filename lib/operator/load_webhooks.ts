import type { AlertsSentModel } from "@/components/operator/webhooks/AlertsSentPage.tsx";
import type { WebhooksModel } from "@/components/operator/webhooks/WebhooksPage.tsx";
import { webhookEndpoints } from "@/lib/billing/webhook_endpoints.ts";
import { NOTICES_KEPT_MS, type StoredNotice } from "@/lib/ports/notice_inbox.ts";
import { ALERTS_KEPT_MS } from "@/lib/ports/watch_store.ts";
import type { Services } from "@/lib/services.ts";
import { pagerOf } from "./pager.ts";

export type WebhooksDeps =
  & Pick<Services, "clock" | "cursors" | "billing" | "tenants">
  & {
    readonly env: Pick<Services["env"], "baseUrl" | "mode">;
    readonly webhooks: Pick<Services["webhooks"], "secrets">;
  };

const NOTICES_PATH = "/operator/webhooks";
const ALERTS_PATH = "/operator/webhooks/alerts";
const PAGE_SIZE = 50;

/** How Stripe's webhooks fare, and a page of what they said. */
export async function loadWebhooks(
  deps: WebhooksDeps,
  query: URLSearchParams,
): Promise<WebhooksModel> {
  const { store } = deps.billing;
  const state = oneOf(query.get("state"), ["waiting", "applied", "ignored", "failed"] as const);
  const page = pagerOf(deps.cursors, {
    path: NOTICES_PATH,
    owner: "operator",
    query,
    filters: state === undefined ? {} : { state },
  });
  const [endpoints, found] = await Promise.all([
    webhookEndpoints({ store, secrets: deps.webhooks.secrets, baseUrl: deps.env.baseUrl }),
    store.notices({
      limit: PAGE_SIZE,
      cursor: page.cursor,
      state,
      sinceMs: deps.clock.nowMs() - NOTICES_KEPT_MS,
    }),
  ]);
  const notices = await Promise.all(found.items.map(async (stored) => ({
    ...stored,
    tenantId: await tenantOf(deps, stored),
  })));
  return {
    endpoints,
    isSandbox: deps.env.mode === "sandbox",
    state: state ?? null,
    notices,
    names: await deps.tenants.tenantNames(
      notices.flatMap(({ tenantId }) => tenantId === null ? [] : [tenantId]),
    ),
    ...page.links(found.cursor),
  };
}

/** Alerts that went out to tenants, and whether they arrived. */
export async function loadAlertsSent(
  deps: Pick<WebhooksDeps, "clock" | "cursors" | "billing" | "tenants">,
  query: URLSearchParams,
): Promise<AlertsSentModel> {
  const state = oneOf(query.get("state"), ["waiting", "delivered", "failed"] as const);
  const page = pagerOf(deps.cursors, {
    path: ALERTS_PATH,
    owner: "operator",
    query,
    filters: state === undefined ? {} : { state },
  });
  const found = await deps.billing.store.recentAlerts({
    limit: PAGE_SIZE,
    cursor: page.cursor,
    state,
    sinceMs: deps.clock.nowMs() - ALERTS_KEPT_MS,
  });
  return {
    state: state ?? null,
    alerts: found.items,
    names: await deps.tenants.tenantNames(found.items.map(({ tenantId }) => tenantId)),
    ...page.links(found.cursor),
  };
}

async function tenantOf(
  { billing }: Pick<WebhooksDeps, "billing">,
  { notice }: StoredNotice,
): Promise<string | null> {
  if (!("stripeCustomerId" in notice)) return null;
  return await billing.store.tenantOf(notice.stripeCustomerId);
}

function oneOf<T extends string>(text: string | null, words: readonly T[]): T | undefined {
  return words.find((word) => word === text);
}
