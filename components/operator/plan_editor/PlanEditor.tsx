import { meterLabel } from "@/lib/domain/meter.ts";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Form } from "../../ui/Form.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { MeterCard } from "./MeterCard.tsx";
import type { PlanDraft, PlanEditorModel } from "./plan_draft.ts";
import { PlanTerms } from "./PlanTerms.tsx";

export function PlanEditor({ frame, model }: { frame: OperatorFrame; model: PlanEditorModel }) {
  const { draft, errors, isNew } = model;
  const faults = Object.entries(errors);
  return (
    <OperatorPage frame={frame} current="/operator/plans">
      <PageHeader
        title={isNew ? "New plan" : `Draft of ${draft.name}`}
        crumbs={[
          { href: "/operator/plans", label: "Plans" },
          ...(isNew ? [] : [{ href: model.backHref, label: draft.planId }]),
        ]}
        lede="A draft changes nothing. Published versions never change; saving makes or replaces the one draft."
      />
      {faults.length > 0 && (
        <Notice tone="bad" title="Nothing was saved">
          <ul>
            {faults.slice(0, 10).map(([pointer, detail]) => (
              <li key={pointer}>{placeWords(pointer, draft)}{detail}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Form action={model.action} class="stack-lg">
        {/* Enter in a field presses a form's first button: let that be the harmless one. */}
        <button type="submit" name="do" value="refresh" class="sr-only" tabIndex={-1}>
          Check what is typed
        </button>
        <input type="hidden" name="base" value={model.base} />
        <PlanTerms model={model} />
        {draft.meters.map((meter, at) => (
          <MeterCard
            key={at}
            model={model}
            meter={meter}
            at={at}
          />
        ))}
        <div class="row">
          <Button icon="plus" name="do" value="add_meter">Add a meter</Button>
        </div>
        <div class="form-actions">
          <Button kind="primary" name="do" value="save">Save draft</Button>
          <ButtonLink href={model.backHref}>Leave</ButtonLink>
        </div>
      </Form>
    </OperatorPage>
  );
}

/** `/meters/0/price/tiers/1/up_to` is "Risk score, tier 2: ". */
function placeWords(pointer: string, draft: PlanDraft): string {
  const steps = pointer.split("/").slice(1);
  const tier = steps.indexOf("tiers");
  const meter = steps[0] === "meters" ? draft.meters[Number(steps[1])] : undefined;
  const words = [
    meter === undefined ? steps[0]?.replaceAll("_", " ") : meterLabel(meter.meter || "new meter"),
    tier < 0 || steps[tier + 1] === undefined ? undefined : `tier ${Number(steps[tier + 1]) + 1}`,
  ].filter((word) => word !== undefined && word !== "");
  return words.length === 0 ? "" : `${words.join(", ")}: `;
}
