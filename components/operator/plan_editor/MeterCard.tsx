import { meterLabel } from "@/lib/domain/meter.ts";
import type { Price } from "@/lib/domain/plan.ts";
import { TierLadderChart } from "../../charts/TierLadderChart.tsx";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import type { MeterDraft, PlanEditorModel } from "./plan_draft.ts";
import { CountField, PriceFields } from "./PriceFields.tsx";

const MODELS: readonly { readonly value: Price["model"]; readonly label: string }[] = [
  { value: "per_unit", label: "Per unit" },
  { value: "graduated", label: "Graduated tiers" },
  { value: "volume", label: "Volume tiers" },
  { value: "package", label: "Packages" },
  { value: "flat", label: "Flat" },
];

/** One meter of a plan: what it counts, includes, allows and costs. */
export function MeterCard(
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
