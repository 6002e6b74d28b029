import type { PlanRevision } from "@/lib/domain/plan.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant, TenantId, TenantStatus } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { PlanStore, TenantStore } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "./act.ts";
import { parseBranding, parseLocale, parseName, parseTimeZone } from "./tenant_fields.ts";

export interface TenantsDeps {
  readonly tenants: TenantStore;
  readonly plans: PlanStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface NewTenant {
  readonly name: string;
  readonly planRevision: PlanRevision;
  /** For samples and imports; made when absent. */
  readonly tenantId?: TenantId;
  readonly timeZone?: string;
  readonly locale?: string;
  readonly color?: string;
}

/** What a tenant's own admins may change. */
export interface TenantSettings {
  readonly name?: string;
  readonly branding?: Tenant["branding"];
  readonly timeZone?: string;
  readonly locale?: string;
}

/** A change that a reader decided on: it conflicts when the tenant has changed since. */
export interface TenantEdit {
  readonly tenantId: TenantId;
  /** The version that the form showed; absent: whatever is stored now. */
  readonly versionstamp?: string;
}

const DEFAULT_COLOR = "#3b5bdb";
/** Tries of an edit that names no version, when others write meanwhile. */
const MAX_TRIES = 5;

/** Errors: `validation_failed`, `unknown_plan`, `tenant_exists`. */
export async function createTenant(
  input: NewTenant,
  { deps, act }: { deps: TenantsDeps; act: Act },
): Promise<Result<Tenant>> {
  const name = parseName(input.name);
  if (!name.ok) return name;
  const timeZone = parseTimeZone(input.timeZone ?? "UTC");
  if (!timeZone.ok) return timeZone;
  const locale = parseLocale(input.locale ?? "en");
  if (!locale.ok) return locale;
  const branding = parseBranding({
    displayName: name.value,
    logoUrl: null,
    color: input.color ?? DEFAULT_COLOR,
  });
  if (!branding.ok) return branding;
  const plan = await requirePublished(deps.plans, input.planRevision);
  if (!plan.ok) return plan;
  const nowMs = deps.clock.nowMs();
  const tenant: Tenant = {
    tenantId: input.tenantId ?? deps.ids.next("ten"),
    name: name.value,
    status: "active",
    planRevision: plan.value,
    graceUntilMs: null,
    stripeCustomerId: null,
    stripeSubscriptionId: null,
    budget: null,
    overrides: {},
    branding: branding.value,
    timeZone: timeZone.value,
    locale: locale.value,
    createdAtMs: nowMs,
  };
  const audit = auditDraft(act, {
    chain: tenant.tenantId,
    atMs: nowMs,
    action: "tenant.created",
    subject: tenant.tenantId,
    after: tenant,
  });
  const written = await deps.tenants.putTenant(tenant, null, audit);
  if (written.ok) return accept(tenant);
  if (input.tenantId === undefined) {
    // An id of our own is taken by an earlier attempt of this same act, and by nobody else.
    const mine = await deps.tenants.tenant(tenant.tenantId);
    if (mine !== null) return accept(mine.value);
  }
  return refuse({ code: "tenant_exists", detail: `Tenant ${tenant.tenantId} exists already` });
}

/** Errors: `unknown_tenant`, `conflict`, `validation_failed`, `invalid_branding`. */
export function changeSettings(
  edit: TenantEdit & { readonly settings: TenantSettings },
  options: { deps: TenantsDeps; act: Act },
): Promise<Result<Tenant>> {
  return editTenant({ ...edit, action: "tenant.settings_changed" }, {
    ...options,
    change: (tenant) => applySettings(tenant, edit.settings),
  });
}

/** Errors: `unknown_tenant`, `conflict`. `null` takes the budget away. */
export function changeBudget(
  edit: TenantEdit & { readonly budget: Tenant["budget"] },
  options: { deps: TenantsDeps; act: Act },
): Promise<Result<Tenant>> {
  return editTenant({ ...edit, action: "tenant.budget_changed" }, {
    ...options,
    change: (tenant) => {
      if (edit.budget !== null && edit.budget.amount < 0n) {
        const detail = "A budget is zero or more";
        return refuse({ code: "invalid_budget", detail, pointer: "/budget" });
      }
      return accept({ ...tenant, budget: edit.budget });
    },
  });
}

/** The operator's exceptions to the plan, all of them. Errors: `invalid_limits` and `editTenant`'s. */
export function changeOverrides(
  edit: TenantEdit & { readonly overrides: Tenant["overrides"] },
  options: { deps: TenantsDeps; act: Act },
): Promise<Result<Tenant>> {
  return editTenant({ ...edit, action: "tenant.limits_changed" }, {
    ...options,
    change: (tenant) => {
      const wrong = judgeOverrides(edit.overrides);
      return wrong === null ? accept({ ...tenant, overrides: edit.overrides }) : refuse(wrong);
    },
  });
}

/** Closed is for good. Errors: `status_change_refused` and `editTenant`'s. */
export function changeStatus(
  edit: TenantEdit & { readonly status: TenantStatus; readonly graceUntilMs?: number | null },
  options: { deps: TenantsDeps; act: Act },
): Promise<Result<Tenant>> {
  const { status, graceUntilMs = null } = edit;
  return editTenant({ ...edit, action: `tenant.${status}` }, {
    ...options,
    change: (tenant) => {
      if (tenant.status === "closed" && status !== "closed") {
        const detail = "A closed tenant can't be opened again; create a new one";
        return refuse({ code: "status_change_refused", detail });
      }
      return accept({
        ...tenant,
        status,
        graceUntilMs: status === "past_due" ? graceUntilMs : null,
      });
    },
  });
}

/**
 * Load, change, commit with its audit row. Without a version in the edit, a write that comes between
 * is taken into account and the change is made again. Errors: `unknown_tenant`, `conflict`, and those
 * of `change`.
 */
async function editTenant(
  { tenantId, versionstamp, action }: TenantEdit & { readonly action: string },
  { deps, act, change }: {
    deps: Pick<TenantsDeps, "tenants" | "clock">;
    act: Act;
    change: (tenant: Tenant) => Result<Tenant>;
  },
): Promise<Result<Tenant>> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const found = await deps.tenants.tenant(tenantId);
    if (found === null) {
      return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
    }
    if (versionstamp !== undefined && versionstamp !== found.versionstamp) break;
    const changed = change(found.value);
    if (!changed.ok) return changed;
    const audit = auditDraft(act, {
      chain: tenantId,
      atMs: deps.clock.nowMs(),
      action,
      subject: tenantId,
      before: found.value,
      after: changed.value,
    });
    const written = await deps.tenants.putTenant(changed.value, found.versionstamp, audit);
    if (written.ok) return changed;
  }
  return refuse({
    code: "conflict",
    detail: "Somebody else changed this tenant meanwhile; load it again",
  });
}

function applySettings(tenant: Tenant, settings: TenantSettings): Result<Tenant> {
  const name = parseName(settings.name ?? tenant.name);
  if (!name.ok) return name;
  const branding = parseBranding(settings.branding ?? tenant.branding);
  if (!branding.ok) return branding;
  const timeZone = parseTimeZone(settings.timeZone ?? tenant.timeZone);
  if (!timeZone.ok) return timeZone;
  const locale = parseLocale(settings.locale ?? tenant.locale);
  if (!locale.ok) return locale;
  return accept({
    ...tenant,
    name: name.value,
    branding: branding.value,
    timeZone: timeZone.value,
    locale: locale.value,
  });
}

function judgeOverrides(overrides: Tenant["overrides"]): Refusal | null {
  const { requestsPerSecond, burst, quotas = {} } = overrides;
  const rates = { requestsPerSecond, burst };
  for (const [name, value] of Object.entries(rates)) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      const detail = `${name} must be a whole number above zero`;
      return { code: "invalid_limits", detail, pointer: `/${name}` };
    }
  }
  const meter = Object.keys(quotas).find((name) => (quotas[name]?.units ?? 0n) < 0n);
  if (meter === undefined) return null;
  return {
    code: "invalid_limits",
    detail: "A quota is zero units or more",
    pointer: `/quotas/${meter}`,
  };
}

async function requirePublished(
  plans: PlanStore,
  planRevision: PlanRevision,
): Promise<Result<PlanRevision>> {
  const plan = await plans.plan(planRevision);
  if (plan?.value.status === "published") return accept(planRevision);
  const detail = `There is no published plan ${JSON.stringify(planRevision)}`;
  return refuse({ code: "unknown_plan", detail, pointer: "/plan_revision" });
}
