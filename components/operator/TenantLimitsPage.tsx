import { meterLabel } from "@/lib/domain/meter.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { Select } from "../ui/Select.tsx";
import { useViewer } from "../ui/viewer.ts";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { tenantPath } from "./TenantLink.tsx";
import { type TenantFrame, TenantPage } from "./TenantPage.tsx";

/** One form: what is stored, what was typed over it and not saved, and why not. */
export interface ExceptionsForm {
  readonly stored: Readonly<Record<string, string>>;
  readonly typed: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, string>>;
}

export interface TenantLimitsModel {
  readonly tenantId: TenantId;
  readonly plan: PlanVersion;
  readonly versionstamp: string;
  readonly limits: ExceptionsForm;
  readonly features: ExceptionsForm;
  /** Somebody else saved since the form was opened; what was typed stands beside theirs. */
  readonly conflict: boolean;
}

export function TenantLimitsPage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantLimitsModel },
) {
  const faults = [...Object.values(model.limits.errors), ...Object.values(model.features.errors)];
  return (
    <TenantPage frame={frame} head={head} tab="limits">
      {model.conflict && (
        <Notice tone="warn" title="Somebody else changed this tenant meanwhile">
          Nothing was saved. Your text is still here, with what stands now below each field; saving
          again replaces it.
        </Notice>
      )}
      {faults.length > 0 && (
        <Notice tone="bad" title="Nothing was saved">
          <ul>
            {[...new Set(faults)].map((fault) => <li key={fault}>{fault}</li>)}
          </ul>
        </Notice>
      )}
      <Limits model={model} />
      <Features model={model} />
    </TenantPage>
  );
}

function Limits({ model: { tenantId, plan, versionstamp, limits } }: { model: TenantLimitsModel }) {
  const { locale } = useViewer();
  return (
    <Card title="Limits" note="Empty means as in the plan.">
      <Form action={tenantPath(tenantId, "limits")}>
        <input type="hidden" name="act" value="limits" />
        <input type="hidden" name="versionstamp" value={versionstamp} />
        <div class="fields">
          <CountField
            form={limits}
            name="requestsPerSecond"
            label="Requests a second"
            plan={formatUnits(plan.limits.requestsPerSecond, locale)}
          />
          <CountField
            form={limits}
            name="burst"
            label="Burst"
            plan={formatUnits(plan.limits.burst, locale)}
          />
        </div>
        {plan.meters.map(({ meter, quota }) => (
          <div class="fields" key={meter}>
            <CountField
              form={limits}
              name={`quota-${meter}`}
              label={`${meterLabel(meter)}, units a period`}
              plan={quota === null
                ? "no quota"
                : `${formatUnits(quota.units, locale)}, ${ENFORCEMENT[quota.enforcement]}`}
            />
            <Select
              name={`enforcement-${meter}`}
              label={`${meterLabel(meter)}, when reached`}
              value={limits.typed[`enforcement-${meter}`]}
              options={[
                { value: "hard", label: "Refuse calls" },
                { value: "soft", label: "Alert only" },
              ]}
              hint="Counts with a number beside it."
            />
          </div>
        ))}
        <div class="form-actions">
          <Button kind="primary">Save limits</Button>
        </div>
      </Form>
    </Card>
  );
}

const ENFORCEMENT = { hard: "then refuse calls", soft: "then alert only" } as const;

function CountField(
  { form, name, label, plan }: { form: ExceptionsForm; name: string; label: string; plan: string },
) {
  const stored = form.stored[name] ?? "";
  const typed = form.typed[name] ?? "";
  const now = typed === stored ? "" : `; saved now: ${stored === "" ? "as in the plan" : stored}`;
  return (
    <TextField
      name={name}
      label={label}
      inputMode="numeric"
      maxLength={24}
      value={typed}
      hint={`Plan: ${plan}${now}`}
      error={form.errors[name]}
    />
  );
}

function Features(
  { model: { tenantId, plan, versionstamp, features } }: { model: TenantLimitsModel },
) {
  const fields = Object.entries(features.typed).filter(([name]) => name !== "more");
  return (
    <Card title="Feature flags" note="An exception here wins over the plan.">
      <Form action={tenantPath(tenantId, "limits")}>
        <input type="hidden" name="act" value="features" />
        <input type="hidden" name="versionstamp" value={versionstamp} />
        <div class="fields">
          {fields.map(([field, value]) => {
            const name = field.slice("feature-".length);
            const stored = features.stored[field] ?? "";
            return (
              <Select
                key={field}
                name={field}
                label={name}
                value={value}
                options={[
                  { value: "", label: plan.features.includes(name) ? "Plan: on" : "Plan: off" },
                  { value: "on", label: "On" },
                  { value: "off", label: "Off" },
                ]}
                {...(stored === value ? {} : { hint: `Saved now: ${stored || "as in the plan"}` })}
              />
            );
          })}
          <TextField
            name="more"
            label="Switch on another"
            maxLength={60}
            pattern="[a-z][a-z0-9_]*(:[a-z0-9_]+)*"
            value={features.typed["more"] ?? ""}
            error={features.errors["more"]}
            hint="A feature word such as batch or events:write."
          />
        </div>
        <div class="form-actions">
          <Button kind="primary">Save features</Button>
        </div>
      </Form>
    </Card>
  );
}
