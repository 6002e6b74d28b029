import { meterLabel } from "@/lib/domain/meter.ts";
import type { Alert } from "@/lib/ports/watch_store.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Form } from "../../ui/Form.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { Table } from "../../ui/Table.tsx";
import type { OperatorFrame } from "../OperatorPage.tsx";
import { TenantLink, type TenantNames } from "../TenantLink.tsx";
import { ALERTS_PATH, DELIVERY_TONES, StateFilter, WebhooksFrame } from "./WebhooksFrame.tsx";

export interface AlertsSentModel {
  readonly state: Alert["delivery"]["state"] | null;
  readonly alerts: readonly Alert[];
  readonly names: TenantNames;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function AlertsSentPage(
  { frame, model }: { frame: OperatorFrame; model: AlertsSentModel },
) {
  return (
    <WebhooksFrame
      frame={frame}
      current={ALERTS_PATH}
      names={model.names}
      lede="Alerts on quotas and budgets go to each tenant’s own webhook and addresses, and are tried again for two hours. Kept for 400 days."
    >
      <StateFilter
        path={ALERTS_PATH}
        states={["waiting", "delivered", "failed"]}
        current={model.state}
      />
      <Card flush>
        <AlertTable alerts={model.alerts} isFiltered={model.state !== null} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </WebhooksFrame>
  );
}

function AlertTable({ alerts, isFiltered }: { alerts: readonly Alert[]; isFiltered: boolean }) {
  return (
    <Table
      caption="Alerts to tenants, newest first"
      rows={alerts}
      rowKey={({ alertId }) => alertId}
      empty={
        <EmptyState
          title={isFiltered ? "None in this state" : "No tenant has reached a threshold yet"}
          icon="alerts"
        />
      }
      columns={[
        {
          key: "what",
          label: "Alert",
          header: true,
          cell: ({ subject, percent, alertId }) => (
            <>
              {percent} % of {subject.kind === "budget" ? "the budget" : meterLabel(subject.meter)}
              <div class="muted mono small id">{alertId}</div>
            </>
          ),
        },
        {
          key: "tenant",
          label: "Tenant",
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        {
          key: "created",
          label: "Reached",
          cell: ({ createdAtMs }) => <DateTime atMs={createdAtMs} />,
        },
        {
          key: "state",
          label: "Delivery",
          cell: ({ delivery }) => (
            <>
              <Badge
                tone={delivery.state === "waiting" && delivery.attempts > 0
                  ? "warn"
                  : DELIVERY_TONES[delivery.state]}
                dot
              >
                {delivery.state}
              </Badge>
              {delivery.triedAtMs !== null && (
                <div class="muted small">
                  <DateTime atMs={delivery.triedAtMs} style="moment" />
                  {delivery.attempts > 1 && `, ${delivery.attempts} attempts`}
                </div>
              )}
            </>
          ),
        },
        {
          key: "channels",
          label: "Where to",
          cell: ({ delivery: { channels, detail } }) => (
            <>
              <bdi class="break">{channels.length === 0 ? "nowhere yet" : channels.join(", ")}</bdi>
              {detail !== null && <div class="muted small break">{detail}</div>}
            </>
          ),
        },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: ({ tenantId, alertId }) => (
            <Form action={ALERTS_PATH} class="">
              <input type="hidden" name="tenant" value={tenantId} />
              <input type="hidden" name="alert" value={alertId} />
              <Button size="sm" icon="rotate">
                Send again<span class="sr-only">: {alertId}</span>
              </Button>
            </Form>
          ),
        },
      ]}
    />
  );
}
