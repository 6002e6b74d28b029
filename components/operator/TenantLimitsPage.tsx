import { meterLabel } from "@/lib/domain/meter.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
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

export interface TenantLimitsModel {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
  readonly versionstamp: string;
  readonly error: string | null;
}

export function TenantLimitsPage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantLimitsModel },
) {
  return (
    <TenantPage frame={frame} head={head} tab="limits">
      {model.error !== null && <Notice tone="bad" title="Nothing was saved">{model.error}</Notice>}
      <Limits model={model} />
      <Features model={model} />
    </TenantPage>
  );
}

function Limits({ model: { tenant, plan, versionstamp } }: { model: TenantLimitsModel }) {
  const { locale } = useViewer();
  const { overrides } = tenant;
  return (
    <Card title="Limits" note="Empty means as in the plan.">
      <Form action={tenantPath(tenant.tenantId, "limits")}>
        <input type="hidden" name="act" value="limits" />
        <input type="hidden" name="versionstamp" value={versionstamp} />
        <div class="fields">
          <TextField
            name="requestsPerSecond"
            label="Requests a second"
            inputMode="numeric"
            value={text(overrides.requestsPerSecond)}
            hint={`Plan: ${formatUnits(plan.limits.requestsPerSecond, locale)}`}
          />
          <TextField
            name="burst"
            label="Burst"
            inputMode="numeric"
            value={text(overrides.burst)}
            hint={`Plan: ${formatUnits(plan.limits.burst, locale)}`}
          />
        </div>
        {plan.meters.map(({ meter, quota }) => {
          const own = overrides.quotas?.[meter];
          return (
            <div class="fields" key={meter}>
              <TextField
                name={`quota-${meter}`}
                label={`${meterLabel(meter)}, units a period`}
                inputMode="numeric"
                value={text(own?.units)}
                hint={quota === null
                  ? "Plan: no quota"
                  : `Plan: ${formatUnits(quota.units, locale)}, ${quota.enforcement}`}
              />
              <Select
                name={`enforcement-${meter}`}
                label={`${meterLabel(meter)}, when reached`}
                value={own?.enforcement ?? "hard"}
                options={[
                  { value: "hard", label: "Refuse calls" },
                  { value: "soft", label: "Alert only" },
                ]}
              />
            </div>
          );
        })}
        <div class="form-actions">
          <Button kind="primary">Save limits</Button>
        </div>
      </Form>
    </Card>
  );
}

function Features({ model: { tenant, plan, versionstamp } }: { model: TenantLimitsModel }) {
  const own = tenant.overrides.features ?? {};
  const names = [...new Set([...plan.features, ...Object.keys(own)])].sort();
  return (
    <Card title="Feature flags" note="An exception here wins over the plan.">
      <Form action={tenantPath(tenant.tenantId, "limits")}>
        <input type="hidden" name="act" value="features" />
        <input type="hidden" name="versionstamp" value={versionstamp} />
        <div class="fields">
          {names.map((name) => (
            <Select
              key={name}
              name={`feature-${name}`}
              label={name}
              value={Object.hasOwn(own, name) ? own[name] === true ? "on" : "off" : ""}
              options={[
                { value: "", label: plan.features.includes(name) ? "Plan: on" : "Plan: off" },
                { value: "on", label: "On" },
                { value: "off", label: "Off" },
              ]}
            />
          ))}
          <TextField
            name="more"
            label="Switch on another"
            maxLength={60}
            pattern="[a-z][a-z0-9_]*(:[a-z0-9_]+)*"
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

function text(value: number | bigint | undefined): string {
  return value === undefined ? "" : String(value);
}
