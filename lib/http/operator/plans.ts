import { z } from "zod";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { MAX_MIGRATED, migrateFrom, migrateTenants } from "@/lib/catalog/migrate_tenants.ts";
import {
  parsePlanDefinition,
  type PlanTerms,
  toPlanDefinition,
} from "@/lib/catalog/plan_definition.ts";
import { archivePlan, publishPlan } from "@/lib/catalog/publish_plan.ts";
import { previewDraft, saveDraft } from "@/lib/catalog/save_draft.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { RATING_PARTS } from "@/lib/domain/rating/rating_parts.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Services } from "@/lib/services.ts";
import { entityTag } from "../conditional.ts";
import { NOTHING, operation } from "./operation.ts";
import { PAGE_QUERY, pageWanted, sealCursor, sliceOf } from "./paging.ts";
import { isoTime, toJson } from "./to_json.ts";

const DEFINITION_BYTES_MAX = 262_144;

/** Read in full, with every fault and its pointer, by `parsePlanDefinition`. */
const DefinitionSchema = z.record(z.string(), z.unknown());

export const listPlans = operation({
  id: "listPlans",
  method: "GET",
  path: "/operator/v1/plans",
  tag: "Plans",
  summary: "List plan versions, of one plan or of all",
  input: z.strictObject({ ...PAGE_QUERY, plan_id: z.string().max(100).optional() }),
  answer: { status: 200, description: "One page" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const plans = await call.services.plans.plans(call.input.plan_id);
    const page = sliceOf(plans, wanted.value, ({ planRevision }) => planRevision);
    if (!page.ok) return page;
    const { items, position } = page.value;
    return accept({
      body: { items: items.map(planBody), next_cursor: sealCursor(call, position) },
    });
  },
});

export const readPlanVersion = operation({
  id: "getPlanVersion",
  method: "GET",
  path: "/operator/v1/plans/{revision}",
  tag: "Plans",
  summary: "Read one plan version",
  input: NOTHING,
  answer: { status: 200, description: "The version" },
  problems: ["plan_not_found"],
  async run({ services, params }) {
    const revision = params.revision ?? "";
    const found = await services.plans.plan(revision);
    if (found === null) return refuse({ code: "plan_not_found", detail: `No plan ${revision}` });
    const { value, versionstamp } = found;
    return accept({ body: planBody(value), headers: { etag: entityTag(versionstamp) } });
  },
});

export const draftPlan = operation({
  id: "savePlanDraft",
  method: "POST",
  path: "/operator/v1/plans/drafts",
  tag: "Plans",
  summary: "Save the terms of a plan as its one draft",
  description: "The body is a plan as in `plans.json`. `draft` is null when the terms equal the " +
    "newest published version. Tenants keep the version that they are on.",
  input: DefinitionSchema,
  maxBytes: DEFINITION_BYTES_MAX,
  answer: { status: 200, description: "The draft, and how it differs from what is published" },
  problems: ["invalid_plan", "plan_is_empty", "included_units_not_billable", "conflict"],
  async run({ services, act, input }) {
    const terms = await parseTerms(services, input);
    if (!terms.ok) return terms;
    const saved = await saveDraft(services.catalog, terms.value, act);
    if (!saved.ok) return saved;
    const { draft, changes } = saved.value;
    const body = { draft: draft === null ? null : planBody(draft), changes: toJson(changes) };
    return accept({ body });
  },
});

export const diffPlan = operation({
  id: "diffPlan",
  method: "POST",
  path: "/operator/v1/plans/diff",
  tag: "Plans",
  summary: "Say how terms differ from the newest published version; nothing is saved",
  input: DefinitionSchema,
  maxBytes: DEFINITION_BYTES_MAX,
  answer: { status: 200, description: "Every value that differs" },
  problems: ["invalid_plan"],
  async run({ services, input }) {
    const terms = await parseTerms(services, input);
    if (!terms.ok) return terms;
    const changes = await previewDraft(services.catalog, terms.value);
    return accept({ body: { changes: toJson(changes) } });
  },
});

export const publish = operation({
  id: "publishPlan",
  method: "POST",
  path: "/operator/v1/plans/{revision}/publish",
  tag: "Plans",
  summary: "Publish a draft, with a dry run of exactly its terms from the last 24 hours",
  description: "Stripe's prices are made first. Tenants stay on their version until migrated.",
  input: z.strictObject({ dry_run_id: z.string().max(100) }),
  answer: { status: 200, description: "Published" },
  problems: ["not_found", "not_a_draft", "dry_run_required", "dry_run_stale", "conflict"],
  async run({ services, act, params, input }) {
    const planRevision = params.revision ?? "";
    const wanted = { planRevision, dryRunId: input.dry_run_id, act };
    const published = await publishPlan(services.catalog, wanted);
    return published.ok ? accept({ body: planBody(published.value) }) : published;
  },
});

export const archive = operation({
  id: "archivePlan",
  method: "POST",
  path: "/operator/v1/plans/{revision}/archive",
  tag: "Plans",
  summary: "Take a version off the shelf once no tenant is on it",
  input: NOTHING,
  answer: { status: 200, description: "Archived" },
  problems: ["not_found", "plan_in_use", "conflict"],
  async run({ services, act, params }) {
    const archived = await archivePlan(services.catalog, params.revision ?? "", act);
    return archived.ok ? accept({ body: planBody(archived.value) }) : archived;
  },
});

/** Moving waits for Stripe, tenant by tenant. */
const FROM_LIMIT = 100;

export const migrate = operation({
  id: "migrateTenants",
  method: "POST",
  path: "/operator/v1/plans/{revision}/migrate",
  tag: "Plans",
  summary: "Move tenants to a published version, each by itself",
  description:
    "Those that `tenant_ids` names, those that are on `from`, or of the named ones those " +
    "that are on `from`. With `from` alone the first `limit` by id move, and `waiting` says how " +
    "many are on it afterwards; with `dry_run` none move and it says how many would. A refusal of " +
    "one holds up no other; repeat the call to move those still missing. Each tenant that moves " +
    "has an audit row.",
  input: z.union([
    z.strictObject({
      tenant_ids: z.array(z.string().max(100)).min(1).max(MAX_MIGRATED),
      from: z.string().max(100).optional(),
    }),
    z.strictObject({
      from: z.string().max(100),
      limit: z.int().min(1).max(MAX_MIGRATED).default(FROM_LIMIT),
      dry_run: z.boolean().default(false),
    }),
  ]),
  answer: { status: 200, description: "What became of each tenant" },
  problems: ["not_found", "not_published"],
  async run({ services, act, params, input }) {
    const { billing } = services;
    const deps = { ...services.catalog, changePlan: (move: Move) => changePlan(billing, move) };
    const planRevision = params.revision ?? "";
    if (!("tenant_ids" in input)) {
      const { from, limit, dry_run: dryRun } = input;
      const migrated = await migrateFrom(deps, { planRevision, from, limit, dryRun, act });
      if (!migrated.ok) return migrated;
      const { outcomes, waiting } = migrated.value;
      return accept({ body: { items: toJson(outcomes), waiting } });
    }
    const { tenant_ids: tenantIds, from } = input;
    if (from !== undefined && await services.plans.plan(from) === null) {
      return refuse({ code: "not_found", detail: `No plan ${from}` });
    }
    const named = { planRevision, tenantIds, act, ...(from === undefined ? {} : { from }) };
    const migrated = await migrateTenants(deps, named);
    return migrated.ok ? accept({ body: { items: toJson(migrated.value) } }) : migrated;
  },
});

type Move = Parameters<typeof changePlan>[1];

/** Meters that a plan may price: what the engine rates, and what earlier plans priced. */
async function parseTerms({ plans }: Services, input: unknown): Promise<Result<PlanTerms>> {
  const known = (await plans.plans()).flatMap(({ meters }) => meters.map(({ meter }) => meter));
  return parsePlanDefinition(input, new Set([...RATING_PARTS, ...known]));
}

function planBody(plan: PlanVersion) {
  return {
    plan_revision: plan.planRevision,
    revision: plan.revision,
    status: plan.status,
    created_at: isoTime(plan.createdAtMs),
    ...toPlanDefinition(plan),
  };
}
