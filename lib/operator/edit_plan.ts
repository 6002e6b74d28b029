import type { PlanDraft, PlanEditorModel } from "@/components/operator/PlanEditor.tsx";
import { parsePlanDefinition } from "@/lib/catalog/plan_definition.ts";
import { type SavedDraft, saveDraft } from "@/lib/catalog/save_draft.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Services } from "@/lib/services.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { applyAct, definitionOf, draftOf, NEW_PLAN, readAct, readDraft } from "./plan_form.ts";

type EditDeps = Pick<Services, "plans" | "catalog">;

/** The editor as it opens: the draft that waits, else the newest version. `null`: no such plan. */
export async function openEditor(
  { plans }: EditDeps,
  planId: string | null,
): Promise<PlanEditorModel | null> {
  const all = await plans.plans();
  const meters = knownMeters(all);
  if (planId === null) return newEditor(meters);
  const [newest] = all.filter((plan) => plan.planId === planId);
  if (newest === undefined) return null;
  return {
    ...placeOf(planId),
    draft: draftOf(newest),
    base: await baseOf(plans, newest),
    meters,
    errors: {},
  };
}

/**
 * What a POST of the editor leads to: a saved draft, or the editor again with what was typed. A
 * save on a version that somebody else has changed since is refused once, and says so.
 */
export async function submitEditor(
  deps: EditDeps,
  { planId, form, act }: {
    readonly planId: string | null;
    readonly form: URLSearchParams;
    readonly act: Act;
  },
): Promise<
  | { readonly kind: "saved"; readonly planId: string; readonly saved: SavedDraft }
  | { readonly kind: "again"; readonly model: PlanEditorModel; readonly refused: boolean }
> {
  const button = readAct(form);
  const typed = readDraft(form);
  const draft = applyAct(planId === null ? typed : { ...typed, planId }, button);
  const all = await deps.plans.plans();
  const meters = knownMeters(all);
  const newest = all.find((plan) => plan.planId === draft.planId);
  const base = newest === undefined ? "" : await baseOf(deps.plans, newest);
  const place = planId === null ? newEditor(meters) : placeOf(planId);
  if (button.kind !== "save") {
    const model = { ...place, draft, base: form.get("base") ?? "", meters, errors: {} };
    return { kind: "again", model, refused: false };
  }
  const saved = base === (form.get("base") ?? "")
    ? await save(deps, { draft, meters, act })
    : refuse({ code: "conflict", detail: CHANGED });
  if (saved.ok) return { kind: "saved", planId: draft.planId, saved: saved.value };
  const error: Refusal = saved.error;
  const parts = error.errors ?? [error];
  const errors = Object.fromEntries(parts.map(({ pointer, detail }) => [pointer ?? "", detail]));
  return { kind: "again", model: { ...place, draft, base, meters, errors }, refused: true };
}

const CHANGED = "Somebody else saved this plan meanwhile, and your text is still here. " +
  "Look at theirs in another tab; saving again replaces it.";

function newEditor(meters: readonly string[]): PlanEditorModel {
  return {
    action: "/operator/plans/new",
    backHref: "/operator/plans",
    draft: NEW_PLAN,
    base: "",
    isNew: true,
    meters,
    errors: {},
  };
}

function placeOf(planId: string): Pick<PlanEditorModel, "action" | "backHref" | "isNew"> {
  const backHref = `/operator/plans/${encodeURIComponent(planId)}`;
  return { action: `${backHref}/edit`, backHref, isNew: false };
}

async function save(
  { catalog }: EditDeps,
  { draft, meters, act }: {
    readonly draft: PlanDraft;
    readonly meters: readonly string[];
    readonly act: Act;
  },
): Promise<Result<SavedDraft>> {
  const terms = parsePlanDefinition(definitionOf(draft), new Set(meters));
  return terms.ok ? await saveDraft(catalog, terms.value, act) : terms;
}

/** Changes with every save of the plan. */
async function baseOf(plans: EditDeps["plans"], { planRevision }: PlanVersion): Promise<string> {
  return `${planRevision} ${(await plans.plan(planRevision))?.versionstamp ?? ""}`;
}

/** A meter exists once any plan prices it. */
function knownMeters(plans: readonly PlanVersion[]): readonly string[] {
  return [...new Set(plans.flatMap((plan) => plan.meters.map(({ meter }) => meter)))].sort();
}
