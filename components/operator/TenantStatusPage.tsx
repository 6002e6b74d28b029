import type { Tenant } from "@/lib/domain/tenant.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { tenantPath } from "./TenantLink.tsx";
import { StatusBadge, type TenantFrame, TenantPage } from "./TenantPage.tsx";

export interface TenantStatusModel {
  readonly tenant: Tenant;
  readonly versionstamp: string;
  readonly graceDays: number;
}

export function TenantStatusPage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantStatusModel },
) {
  const { tenant } = model;
  const path = tenantPath(tenant.tenantId, "status");
  return (
    <TenantPage frame={frame} head={head} tab="status">
      <Card title="Status">
        <p>
          <StatusBadge status={tenant.status} />
          {tenant.graceUntilMs !== null && (
            <>
              {" "}served until <DateTime atMs={tenant.graceUntilMs} />
            </>
          )}
        </p>
        {tenant.status === "closed"
          ? <Notice>A closed tenant stays closed. Its books and invoices remain.</Notice>
          : <Changes path={path} model={model} />}
      </Card>
      {tenant.stripeSubscriptionId === null && tenant.status !== "closed" && (
        <Card title="Stripe" note="Makes customer, prices and subscription; repeat it as you like.">
          <Form action={path}>
            <input type="hidden" name="act" value="provision" />
            <div class="fields">
              <TextField name="email" label="E-mail for invoices" type="email" maxLength={254} />
            </div>
            <div class="form-actions">
              <Button kind="primary">Set up at Stripe</Button>
            </div>
          </Form>
        </Card>
      )}
      <Card title="Close" note="Ends the tenant for good.">
        <ConfirmForm
          id="close"
          action={path}
          phrase={tenant.tenantId}
          submit={tenant.status === "closed" ? "Complete the close" : "Close this tenant"}
          fields={{ act: "close" }}
        >
          <p>
            Its calls are refused at once and everywhere. What it used is sent and invoiced, then
            its subscription ends. This can't be undone.
          </p>
        </ConfirmForm>
      </Card>
    </TenantPage>
  );
}

function Changes(
  { path, model: { tenant, versionstamp, graceDays } }: { path: string; model: TenantStatusModel },
) {
  const button = (status: string, label: string, kind: "plain" | "danger" | "primary") => (
    <Button key={status} kind={kind} name="status" value={status}>{label}</Button>
  );
  return (
    <Form action={path}>
      <input type="hidden" name="act" value="status" />
      <input type="hidden" name="versionstamp" value={versionstamp} />
      <p class="small muted">
        Suspended tenants are refused from the next call on. Past due ones are served for{" "}
        {graceDays} more days.
      </p>
      <div class="form-actions">
        {tenant.status !== "active" && button("active", "Reactivate", "primary")}
        {tenant.status !== "past_due" && button("past_due", "Mark past due", "plain")}
        {tenant.status !== "suspended" && button("suspended", "Suspend", "danger")}
      </div>
    </Form>
  );
}
