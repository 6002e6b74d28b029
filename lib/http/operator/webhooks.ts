import { z } from "zod";
import { resendAlert } from "@/lib/billing/alerts.ts";
import { replayNotice } from "@/lib/billing/apply_notice.ts";
import { webhookEndpoints } from "@/lib/billing/webhook_endpoints.ts";
import { accept } from "@/lib/domain/result.ts";
import { ALERTS_KEPT_MS, NOTICES_KEPT_MS } from "@/lib/ports/billing_store.ts";
import { NOTHING, operation } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { toJson } from "./to_json.ts";

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

export const listNotices = operation({
  id: "listNotices",
  method: "GET",
  path: "/operator/v1/webhooks/notices",
  tag: "Webhooks",
  summary: "List what Stripe's webhooks said, newest first, and what came of it",
  description: "Kept for 40 days. A page may hold fewer than `limit`; go on while there is a " +
    "cursor.",
  input: z.strictObject({
    ...PAGE_QUERY,
    state: z.enum(["waiting", "applied", "ignored", "failed"]).optional(),
  }),
  answer: { status: 200, description: "One page" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { services, input: { state }, nowMs } = call;
    const page = await services.billing.store.notices({
      ...wanted.value,
      state,
      sinceMs: nowMs - NOTICES_KEPT_MS,
    });
    const items = toJson(page.items);
    return accept({ body: { items, next_cursor: sealCursor(call, page.cursor) } });
  },
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

export const listAlerts = operation({
  id: "listAlerts",
  method: "GET",
  path: "/operator/v1/alerts",
  tag: "Webhooks",
  summary: "List alerts that tenants were sent by webhook and mail, newest first",
  description: "Kept for 400 days. A page may hold fewer than `limit`; go on while there is a " +
    "cursor.",
  input: z.strictObject({
    ...PAGE_QUERY,
    state: z.enum(["waiting", "delivered", "failed"]).optional(),
  }),
  answer: { status: 200, description: "One page" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { services, input: { state }, nowMs } = call;
    const page = await services.billing.store.recentAlerts({
      ...wanted.value,
      state,
      sinceMs: nowMs - ALERTS_KEPT_MS,
    });
    const items = toJson(page.items);
    return accept({ body: { items, next_cursor: sealCursor(call, page.cursor) } });
  },
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
