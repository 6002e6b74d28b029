import { z } from "zod";
import { resendAlert } from "@/lib/billing/alerts.ts";
import { replayNotice } from "@/lib/billing/apply_notice.ts";
import { webhookEndpoints } from "@/lib/billing/webhook_endpoints.ts";
import { accept } from "@/lib/domain/result.ts";
import { NOTICES_KEPT_MS } from "@/lib/ports/notice_inbox.ts";
import { ALERTS_KEPT_MS } from "@/lib/ports/watch_store.ts";
import type { Page } from "@/lib/ports/tenancy.ts";
import type { Services } from "@/lib/services.ts";
import { NOTHING, operation, type OperatorOperation } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { toJson } from "./to_json.ts";

const DAY_MS = 86_400_000;

export const readWebhooks = operation({
  id: "getWebhooks",
  method: "GET",
  path: "/operator/v1/webhooks",
  tag: "Webhooks",
  summary: "Read how the two endpoints for Stripe's webhooks fare",
  input: NOTHING,
  answer: { status: 200, description: "Secrets are counted, never shown" },
  problems: [],
  async run({ services: { billing, webhooks, env } }) {
    const { store } = billing;
    const { baseUrl } = env;
    const endpoints = await webhookEndpoints({ store, secrets: webhooks.secrets, baseUrl });
    return accept({ body: { endpoints: toJson(endpoints) } });
  },
});

export const listNotices = keptList({
  id: "listNotices",
  path: "/operator/v1/webhooks/notices",
  summary: "List what Stripe's webhooks said, newest first, and what came of it",
  states: ["waiting", "applied", "ignored", "failed"],
  keptMs: NOTICES_KEPT_MS,
  read: (store, query) => store.notices(query),
});

export const replay = operation({
  id: "replayNotice",
  method: "POST",
  path: "/operator/v1/webhooks/notices/{notice}/replay",
  tag: "Webhooks",
  summary: "Fetch the object of a notice again and apply its present state",
  input: NOTHING,
  answer: { status: 200, description: "Tried; `state` and `detail` say what came of it" },
  problems: ["notice_not_found"],
  async run({ services, params, act }) {
    const deps = { ...services.billing, audit: services.audit };
    const replayed = await replayNotice(deps, { eventId: params.notice ?? "", act });
    return replayed.ok ? accept({ body: toJson(replayed.value) }) : replayed;
  },
});

export const listAlerts = keptList({
  id: "listAlerts",
  path: "/operator/v1/alerts",
  summary: "List alerts that tenants were sent by webhook and mail, newest first",
  states: ["waiting", "delivered", "failed"],
  keptMs: ALERTS_KEPT_MS,
  read: (store, query) => store.recentAlerts(query),
});

export const resend = operation({
  id: "resendAlert",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/alerts/{alert}/resend",
  tag: "Webhooks",
  summary: "Send an alert to the tenant's channels again",
  description: "A delivered one goes to all of them, any other to those that lack it.",
  input: NOTHING,
  answer: { status: 200, description: "Tried; `delivery` says what came of it" },
  problems: ["alert_not_found"],
  async run({ services: { billing, portal, audit }, params, act }) {
    const resent = await resendAlert({ ...billing, audit, notifier: portal.notifier }, {
      tenantId: params.tenant ?? "",
      alertId: params.alert ?? "",
      act,
    });
    return resent.ok ? accept({ body: toJson(resent.value) }) : resent;
  },
});

interface KeptQuery<State> {
  readonly limit: number;
  readonly cursor?: string;
  readonly sinceMs: number;
  readonly state: State | undefined;
}

/** A list in order of time that goes back as far as its rows are kept. */
function keptList<const State extends string>(
  { id, path, summary, states, keptMs, read }: {
    readonly id: string;
    readonly path: string;
    readonly summary: string;
    readonly states: readonly State[];
    readonly keptMs: number;
    readonly read: (
      store: Services["billing"]["store"],
      query: KeptQuery<State>,
    ) => Promise<Page<unknown>>;
  },
): OperatorOperation {
  return operation({
    id,
    method: "GET",
    path,
    tag: "Webhooks",
    summary,
    description: `Kept for ${keptMs / DAY_MS} days. A page may hold fewer than \`limit\`; go on ` +
      "while there is a cursor.",
    input: z.strictObject({ ...PAGE_QUERY, state: z.enum(states).optional() }),
    answer: { status: 200, description: "One page" },
    problems: ["invalid_cursor"],
    async run(call) {
      const wanted = pageWanted(call);
      if (!wanted.ok) return wanted;
      const { services, input: { state }, nowMs } = call;
      const query = { ...wanted.value, state, sinceMs: nowMs - keptMs };
      const { items, cursor } = await read(services.billing.store, query);
      return accept({ body: { items: toJson(items), next_cursor: sealCursor(call, cursor) } });
    },
  });
}
