import { z } from "zod";
import { closeTenant } from "@/lib/billing/close_tenant.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { accept } from "@/lib/domain/result.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { changeSettings, changeStatus, createTenant } from "@/lib/tenancy/tenants.ts";
import { entityTag } from "../conditional.ts";
import { NOTHING, operation } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { currencyOf, pathEdit, pathTenant, tenantAnswer, tenantBody } from "./tenant_view.ts";

const EDIT_PROBLEMS = ["unknown_tenant", "conflict", "precondition_failed"];

/** The name of the operator's own audit chain would open it to a tenant of that name. */
const TenantIdSchema = z.string().regex(/^[a-z][a-z0-9_]{2,59}$/)
  .refine((id) => id !== OPERATOR_CHAIN, { error: "This id is reserved" });

const CollectionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("charge") }),
  z.strictObject({ kind: z.literal("invoice"), days_until_due: z.int().min(0).max(90) }),
]);

export const listTenants = operation({
  id: "listTenants",
  method: "GET",
  path: "/operator/v1/tenants",
  tag: "Tenants",
  summary: "List tenants by id, or search their names and ids",
  input: z.strictObject({ ...PAGE_QUERY, search: z.string().max(200).optional() }),
  answer: { status: 200, description: "One page" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { services, input: { search } } = call;
    const page = await services.tenants.tenants({
      ...wanted.value,
      ...(search === undefined ? {} : { search }),
    });
    const plans = await services.plans.plans();
    const currencies = new Map(plans.map((plan) => [plan.planRevision, plan.currency]));
    const items = page.items.map((tenant) =>
      tenantBody(tenant, currencies.get(tenant.planRevision) ?? null)
    );
    return accept({ body: { items, next_cursor: sealCursor(call, page.cursor) } });
  },
});

export const addTenant = operation({
  id: "createTenant",
  method: "POST",
  path: "/operator/v1/tenants",
  tag: "Tenants",
  summary: "Create a tenant on a published plan version",
  description:
    "Billing begins with `provision`; a key and an owner are made by calls of their own.",
  input: z.strictObject({
    name: z.string().max(400),
    plan_revision: z.string().max(100),
    tenant_id: TenantIdSchema.optional(),
    time_zone: z.string().max(100).optional(),
    locale: z.string().max(100).optional(),
    color: z.string().max(20).optional(),
  }),
  answer: { status: 201, description: "Created" },
  problems: ["unknown_plan", "tenant_exists", "invalid_branding"],
  async run({ services, act, input }) {
    const { name, plan_revision, tenant_id, time_zone, locale, color } = input;
    const created = await createTenant({
      name,
      planRevision: plan_revision,
      ...(tenant_id === undefined ? {} : { tenantId: tenant_id }),
      ...(time_zone === undefined ? {} : { timeZone: time_zone }),
      ...(locale === undefined ? {} : { locale }),
      ...(color === undefined ? {} : { color }),
    }, { deps: services, act });
    return created.ok ? accept(await tenantAnswer(services, created.value)) : created;
  },
});

export const readTenant = operation({
  id: "getTenant",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}",
  tag: "Tenants",
  summary: "Read a tenant",
  description: "`ETag` names this version; send it as `If-Match` to change no other.",
  input: NOTHING,
  answer: { status: 200, description: "The tenant" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { value, versionstamp } = found.value;
    const body = tenantBody(value, await currencyOf(call.services, value));
    return accept({ body, headers: { etag: entityTag(versionstamp) } });
  },
});

export const editSettings = operation({
  id: "changeTenantSettings",
  method: "PATCH",
  path: "/operator/v1/tenants/{tenant}/settings",
  tag: "Tenants",
  summary: "Change name, branding, time zone or language",
  input: z.strictObject({
    name: z.string().max(400).optional(),
    branding: z.strictObject({
      display_name: z.string().max(400),
      logo_url: z.string().max(2_000).nullable(),
      color: z.string().max(20),
    }).optional(),
    time_zone: z.string().max(100).optional(),
    locale: z.string().max(100).optional(),
  }),
  answer: { status: 200, description: "Changed" },
  problems: [...EDIT_PROBLEMS, "invalid_branding"],
  async run(call) {
    const edit = pathEdit(call);
    if (!edit.ok) return edit;
    const { services, act, input: { name, branding, time_zone, locale } } = call;
    const settings = {
      ...(name === undefined ? {} : { name }),
      ...(branding === undefined ? {} : {
        branding: {
          displayName: branding.display_name,
          logoUrl: branding.logo_url,
          color: branding.color,
        },
      }),
      ...(time_zone === undefined ? {} : { timeZone: time_zone }),
      ...(locale === undefined ? {} : { locale }),
    };
    const changed = await changeSettings({ ...edit.value, settings }, { deps: services, act });
    return changed.ok ? accept(await tenantAnswer(services, changed.value)) : changed;
  },
});

export const setStatus = operation({
  id: "setTenantStatus",
  method: "PUT",
  path: "/operator/v1/tenants/{tenant}/status",
  tag: "Tenants",
  summary: "Activate, suspend, mark past due or close a tenant",
  description: "Counts from the next call on, on every instance. Closing is for good: it also " +
    "sends what is left and ends the subscription; repeat it after `units_outstanding`. It takes " +
    "no `If-Match`.",
  input: z.strictObject({
    status: z.enum(["active", "past_due", "suspended", "closed"]),
    grace_until: z.iso.datetime({ offset: true }).optional(),
  }),
  answer: { status: 200, description: "Changed" },
  problems: [...EDIT_PROBLEMS, "status_change_refused", "units_outstanding"],
  async run(call) {
    const edit = pathEdit(call);
    if (!edit.ok) return edit;
    const { services, act, input: { status, grace_until } } = call;
    const { tenantId } = edit.value;
    const graceUntilMs = grace_until === undefined ? null : Date.parse(grace_until);
    const changed = status === "closed"
      ? await closeTenant(services.billing, { tenantId, act })
      : await changeStatus({ ...edit.value, status, graceUntilMs }, { deps: services, act });
    return changed.ok ? accept(await tenantAnswer(services, changed.value)) : changed;
  },
});

export const provision = operation({
  id: "provisionTenant",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/provision",
  tag: "Tenants",
  summary: "Give the tenant a customer and a subscription at Stripe",
  description: "Safe to repeat: each step finds what an earlier run made. With `charge`, a plan " +
    "that has a base fee needs a payment method first; `invoice` sends bills to be paid.",
  input: z.strictObject({
    email: z.email().max(254).nullable().default(null),
    collection: CollectionSchema.default({ kind: "charge" }),
  }),
  answer: { status: 200, description: "Provisioned" },
  problems: ["not_found", "tenant_closed", "plan_not_found", "conflict", "plan_is_empty"],
  async run({ services, input: { email, collection }, params }) {
    const tenantId = params.tenant ?? "";
    const wanted = collection.kind === "charge"
      ? collection
      : { kind: collection.kind, daysUntilDue: collection.days_until_due };
    const input = { tenantId, email, collection: wanted };
    const provisioned = await provisionTenant(services.billing, input);
    if (!provisioned.ok) return provisioned;
    const { stripeCustomerId, stripeSubscriptionId } = provisioned.value;
    return accept({
      ...await tenantAnswer(services, provisioned.value),
      note: {
        chain: tenantId,
        action: "tenant.provisioned",
        subject: tenantId,
        after: { stripeCustomerId, stripeSubscriptionId },
      },
    });
  },
});
