import { meterLabel } from "@/lib/domain/meter.ts";
import type { PlanMeter, Price } from "@/lib/domain/plan.ts";
import { TierLadderChart } from "../charts/TierLadderChart.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextArea, TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { CountField, type FieldErrors, MoneyField, PriceFields } from "./PriceFields.tsx";

/** Terms as they are typed; `""` is the open bound of the last tier. */
export interface TierDraft {
  readonly upTo: string;
  readonly unitAmount: string;
  readonly flatAmount: string;
}

export interface MeterDraft {
  readonly meter: string;
  readonly model: Price["model"];
  readonly unitAmount: string;
  readonly amount: string;
  readonly packageUnits: string;
  readonly packageAmount: string;
  readonly includedUnits: string;
  readonly quotaUnits: string;
  readonly enforcement: "soft" | "hard";
  readonly tiers: readonly TierDraft[];
}

export interface PlanDraft {
  readonly planId: string;
  readonly name: string;
  readonly description: string;
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly baseFee: string;
  readonly minimumCommitment: string;
  readonly requestsPerSecond: string;
  readonly burst: string;
  readonly graceDays: string;
  /** Words, one a line. */
  readonly features: string;
  readonly meters: readonly MeterDraft[];
}

export interface PlanEditorModel {
  readonly action: string;
  readonly backHref: string;
  readonly draft: PlanDraft;
  /** Version that the draft was made from; somebody else's save changes it. */
  readonly base: string;
  /** A new plan has an id to choose; currency and interval of an old one are fixed. */
  readonly isNew: boolean;
  readonly meters: readonly string[];
  /** Each meter as it is typed, `null` while that makes no price. */
  readonly pictures: readonly (PlanMeter | null)[];
  /** By JSON Pointer into the definition; `""` is about the whole. */
  readonly errors: FieldErrors;
}

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
        <Terms model={model} />
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

function Terms({ model: { draft, errors, isNew } }: { model: PlanEditorModel }) {
  return (
    <Card title="Terms">
      <div class="fields">
        <TextField
          name="planId"
          label="Plan id"
          required
          readOnly={!isNew}
          maxLength={40}
          pattern="[a-z][a-z0-9_]*"
          value={draft.planId}
          error={errors["/plan_id"]}
        />
        <TextField
          name="name"
          label="Name"
          required
          maxLength={80}
          value={draft.name}
          error={errors["/name"]}
        />
        <TextField
          name="currency"
          label="Currency"
          required
          readOnly={!isNew}
          maxLength={3}
          value={draft.currency}
          error={errors["/currency"]}
        />
        {isNew
          ? (
            <Select
              name="interval"
              label="Billed per"
              value={draft.interval}
              options={[{ value: "month", label: "Month" }, { value: "year", label: "Year" }]}
            />
          )
          : <TextField name="interval" label="Billed per" readOnly value={draft.interval} />}
        <MoneyField
          name="baseFee"
          label="Base fee"
          value={draft.baseFee}
          at="/base_fee"
          {...{ errors }}
        />
        <MoneyField
          name="minimumCommitment"
          label="At least"
          value={draft.minimumCommitment}
          at="/minimum_commitment"
          errors={errors}
        />
        <CountField
          name="requestsPerSecond"
          label="Requests a second"
          value={draft.requestsPerSecond}
          error={errors["/limits/requests_per_second"]}
        />
        <CountField
          name="burst"
          label="Burst"
          value={draft.burst}
          error={errors["/limits/burst"]}
        />
        <CountField
          name="graceDays"
          label="Grace days"
          value={draft.graceDays}
          error={errors["/grace_days"]}
        />
      </div>
      <TextArea
        name="description"
        label="Description"
        rows={2}
        maxLength={500}
        value={draft.description}
        error={errors["/description"]}
      />
      <TextArea
        name="features"
        label="Features"
        rows={3}
        value={draft.features}
        error={errors["/features"]}
        hint="One word a line, such as batch or events:write."
      />
    </Card>
  );
}

const MODELS: readonly { readonly value: Price["model"]; readonly label: string }[] = [
  { value: "per_unit", label: "Per unit" },
  { value: "graduated", label: "Graduated tiers" },
  { value: "volume", label: "Volume tiers" },
  { value: "package", label: "Packages" },
  { value: "flat", label: "Flat" },
];

function MeterCard(
  { model, meter, at }: { model: PlanEditorModel; meter: MeterDraft; at: number },
) {
  const { errors } = model;
  const pointer = `/meters/${at}`;
  const picture = model.pictures[at] ?? null;
  const name = meter.meter === "" ? "New meter" : meterLabel(meter.meter);
  const known = [...new Set([...model.meters, ...meter.meter === "" ? [] : [meter.meter]])];
  return (
    <Card
      title={name}
      aside={
        <Button size="sm" kind="danger" name="do" value={`drop_meter:${at}`}>
          Remove<span class="sr-only">{name}</span>
        </Button>
      }
    >
      <div class="fields">
        <Select
          name={`m${at}-meter`}
          label="Meter"
          value={meter.meter}
          error={errors[`${pointer}/meter`]}
          options={known.map((value) => ({ value, label: meterLabel(value) }))}
        />
        <Select
          name={`m${at}-model`}
          label="Price model"
          value={meter.model}
          options={MODELS}
          hint={<PressToSwitch at={at} />}
        />
        <CountField
          name={`m${at}-included`}
          label="Included units"
          value={meter.includedUnits}
          error={errors[`${pointer}/included_units`]}
        />
        <TextField
          name={`m${at}-quota`}
          label="Quota, units"
          inputMode="numeric"
          value={meter.quotaUnits}
          error={errors[`${pointer}/quota/units`]}
          hint="Empty is none."
        />
        <Select
          name={`m${at}-enforcement`}
          label="When reached"
          value={meter.enforcement}
          options={[
            { value: "hard", label: "Refuse calls" },
            { value: "soft", label: "Alert only" },
          ]}
        />
      </div>
      <PriceFields meter={meter} at={at} errors={errors} />
      {picture !== null && (
        <details class="stack-sm" open={model.pictures.length <= 3}>
          <summary class="small">What a unit costs, as typed</summary>
          <TierLadderChart
            meter={name}
            price={picture.price}
            currency={model.draft.currency}
            includedUnits={picture.includedUnits}
            usedUnits={null}
          />
        </details>
      )}
    </Card>
  );
}

function PressToSwitch({ at }: { at: number }) {
  return (
    <button class="btn btn-sm btn-quiet" type="submit" name="do" value="refresh">
      Show its fields<span class="sr-only">of meter {at + 1}</span>
    </button>
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
