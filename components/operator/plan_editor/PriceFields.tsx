import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import type { FieldErrors, MeterDraft } from "./plan_draft.ts";

/** The fields of one meter's price, by its model. */
export function PriceFields(
  { meter, at, errors }: {
    meter: MeterDraft;
    at: number;
    errors: FieldErrors;
  },
) {
  const pointer = `/meters/${at}/price`;
  switch (meter.model) {
    case "per_unit":
      return (
        <div class="fields">
          <MoneyField
            name={`m${at}-unit`}
            label="Price of a unit"
            value={meter.unitAmount}
            at={`${pointer}/unit_amount`}
            errors={errors}
          />
        </div>
      );
    case "flat":
      return (
        <div class="fields">
          <MoneyField
            name={`m${at}-amount`}
            label="Price of the period"
            value={meter.amount}
            at={`${pointer}/amount`}
            errors={errors}
          />
        </div>
      );
    case "package":
      return (
        <div class="fields">
          <CountField
            name={`m${at}-packageUnits`}
            label="Units in a package"
            value={meter.packageUnits}
            error={errors[`${pointer}/package_units`]}
          />
          <MoneyField
            name={`m${at}-packageAmount`}
            label="Price of a package"
            value={meter.packageAmount}
            at={`${pointer}/package_amount`}
            errors={errors}
          />
        </div>
      );
    case "graduated":
    case "volume":
      return <Ladder meter={meter} at={at} errors={errors} />;
  }
}

/** Bounds rise by the browser's own check; what slips by is raised, or refused by the server. */
function Ladder(
  { meter, at, errors }: { meter: MeterDraft; at: number; errors: FieldErrors },
) {
  return (
    <fieldset class="stack">
      <legend class="strong">Tiers</legend>
      {meter.tiers.map((tier, index) => {
        const prefix = `m${at}-t${index}`;
        const pointer = `/meters/${at}/price/tiers/${index}`;
        const from = meter.tiers[index - 1]?.upTo ?? "0";
        const open = index === meter.tiers.length - 1 && tier.upTo === "";
        return (
          <div class="fields" key={index}>
            <TextField
              name={`${prefix}-upTo`}
              label={`Tier ${index + 1}, up to`}
              {...(open
                ? { value: "", readOnly: true, placeholder: "every further unit" }
                : { value: tier.upTo, type: "number", min: nextAfter(from), required: true })}
              hint={open ? `Above ${from}, open` : `Above ${from}`}
              error={errors[`${pointer}/up_to`]}
            />
            <MoneyField
              name={`${prefix}-unit`}
              label={`Tier ${index + 1}, per unit`}
              value={tier.unitAmount}
              at={`${pointer}/unit_amount`}
              errors={errors}
            />
            <MoneyField
              name={`${prefix}-flat`}
              label={`Tier ${index + 1}, once`}
              value={tier.flatAmount}
              at={`${pointer}/flat_amount`}
              errors={errors}
            />
            {meter.tiers.length > 1 && (
              <div class="field field-end">
                <Button size="sm" name="do" value={`drop_tier:${at}:${index}`}>
                  Remove<span class="sr-only">tier {index + 1}</span>
                </Button>
              </div>
            )}
          </div>
        );
      })}
      <div class="row">
        <Button size="sm" icon="plus" name="do" value={`add_tier:${at}`}>
          Add a tier<span class="sr-only">to meter {at + 1}</span>
        </Button>
      </div>
    </fieldset>
  );
}

export function MoneyField(
  { name, label, value, at, errors }: {
    name: string;
    label: string;
    value: string;
    at: string;
    errors: FieldErrors;
  },
) {
  return (
    <TextField
      name={name}
      label={label}
      inputMode="decimal"
      required
      pattern="\d{1,12}(\.\d{1,12})?"
      value={value}
      error={errors[at]}
    />
  );
}

export function CountField(
  { name, label, value, error }: {
    name: string;
    label: string;
    value: string;
    error: string | undefined;
  },
) {
  return (
    <TextField
      name={name}
      label={label}
      inputMode="numeric"
      required
      pattern="\d+(\.\d+)?"
      value={value}
      error={error}
    />
  );
}

function nextAfter(bound: string): string {
  return /^\d{1,15}$/.test(bound) ? String(BigInt(bound) + 1n) : "1";
}
