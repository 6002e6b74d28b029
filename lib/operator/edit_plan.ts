import type { PlanDraft, PlanEditorModel } from "@/components/operator/plan_editor/plan_draft.ts";
import { parsePlanDefinition } from "@/lib/catalog/plan_definition.ts";
import { draftBase, type SavedDraft, saveDraft } from "@/lib/catalog/save_draft.ts";
import type { PlanMeter, PlanVersion } from "@/lib/domain/plan.ts";
import { refuse, type Result } from "@/lib/domain/result.ts";
import type { Services } from "@/lib/services.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import {
  applyAct,
  countFaults,
  definitionOf,
  draftOf,
  NEW_PLAN,
  readAct,
  readDraft,
} from "./plan_form.ts";

type EditDeps = Pick<Services, "plans" | "catalog">;

/** The editor as it opens: the draft that waits, else the newest version. `null`: no such plan. */
export async function openEditor(
  { plans }: EditDeps,
  planId: string | null,
): Promise<PlanEditorModel | null> {
  const all = await plans.plans();
  const meters = knownMeters(all);
  if (planId === null) return editor(null, { draft: NEW_PLAN, base: "", meters });
  const [newest] = all.filter((plan) => plan.planId === planId);
  if (newest === undefined) return null;
  const base = await draftBase(plans, planId);
  return editor(planId, { draft: draftOf(newest), base, meters });
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
  const meters = knownMeters(await deps.plans.plans());
  const base = form.get("base") ?? "";
  if (button.kind !== "save") {
    return { kind: "again", model: editor(planId, { draft, base, meters }), refused: false };
  }
  const saved = await save(deps, { draft, base, meters, act });
  if (saved.ok) return { kind: "saved", planId: draft.planId, saved: saved.value };
  const { code } = saved.error;
  const parts = code === "conflict"
    ? [{ pointer: "", detail: planId === null ? TAKEN : CHANGED }]
    : saved.error.errors ?? [saved.error];
  const errors = Object.fromEntries(parts.map(({ pointer, detail }) => [pointer ?? "", detail]));
  // A second save is meant: it replaces theirs. A new plan never takes the place of an old one.
  const next = code === "conflict" && planId !== null ? await draftBase(deps.plans, planId) : base;
  return {
    kind: "again",
    model: { ...editor(planId, { draft, base: next, meters }), errors },
    refused: true,
  };
}

const TAKEN = "There is a plan with this id already; choose another.";
const CHANGED = "Somebody else saved this plan meanwhile, and your text is still here. " +
  "Look at theirs in another tab; saving again replaces it.";

function editor(
  planId: string | null,
  { draft, base, meters }: {
    readonly draft: PlanDraft;
    readonly base: string;
    readonly meters: readonly string[];
  },
): PlanEditorModel {
  const backHref = `/operator/plans${planId === null ? "" : `/${encodeURIComponent(planId)}`}`;
  return {
    action: planId === null ? "/operator/plans/new" : `${backHref}/edit`,
    backHref,
    isNew: planId === null,
    draft,
    base,
    meters,
    pictures: draft.meters.map((_, at) => pictureOf(draft, at, meters)),
    errors: {},
  };
}

/** A meter's terms as they are typed, to be drawn; `null` while they don't make a price. */
function pictureOf(
  { currency, meters: drafts }: PlanDraft,
  at: number,
  meters: readonly string[],
): PlanMeter | null {
  const meter = drafts[at];
  if (meter === undefined) return null;
  const alone = { ...NEW_PLAN, planId: "p", name: "p", currency, meters: [meter] };
  if (countFaults(alone).length > 0) return null;
  const terms = parsePlanDefinition(definitionOf(alone), new Set(meters));
  return terms.ok ? terms.value.meters[0] ?? null : null;
}

async function save(
  { catalog }: EditDeps,
  { draft, base, meters, act }: {
    readonly draft: PlanDraft;
    readonly base: string;
    readonly meters: readonly string[];
    readonly act: Act;
  },
): Promise<Result<SavedDraft>> {
  const faults = countFaults(draft);
  if (faults.length > 0) {
    return refuse({ code: "invalid_plan", detail: "Look at the marked fields", errors: faults });
  }
  const terms = parsePlanDefinition(definitionOf(draft), new Set(meters));
  return terms.ok ? await saveDraft(catalog, terms.value, act, { base }) : terms;
}

/** A meter exists once any plan prices it. */
function knownMeters(plans: readonly PlanVersion[]): readonly string[] {
  return [...new Set(plans.flatMap((plan) => plan.meters.map(({ meter }) => meter)))].sort();
}
