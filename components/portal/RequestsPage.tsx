import type { RequestRecord } from "@/lib/ports/traffic.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";

export interface RequestsModel {
  readonly requests: readonly RequestRecord[];
  readonly currency: string;
  readonly filters: {
    readonly status: string;
    readonly keyId: string;
    readonly feature: string;
    readonly requestId: string;
  };
  /** Routes that were called lately. */
  readonly features: readonly string[];
  readonly keys: readonly { readonly keyId: string; readonly name: string }[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function RequestsPage({ frame, model }: { frame: PortalFrame; model: RequestsModel }) {
  return (
    <PortalPage frame={frame} current="/portal/requests">
      <PageHeader
        title="Requests"
        lede="Calls of the last seven days, newest first. Refused calls say why and cost nothing."
      />
      <Form action="/portal/requests" method="get" class="filters" label="Filter requests">
        <Select
          name="status"
          label="Outcome"
          value={model.filters.status}
          options={[
            { value: "", label: "All" },
            { value: "ok", label: "Served" },
            { value: "refused", label: "Refused" },
          ]}
        />
        <Select
          name="key"
          label="API key"
          value={model.filters.keyId}
          options={[
            { value: "", label: "All keys" },
            ...model.keys.map((key) => ({ value: key.keyId, label: key.name })),
          ]}
        />
        <Select
          name="feature"
          label="Feature"
          value={model.filters.feature}
          options={[
            { value: "", label: "All features" },
            ...model.features.map((route) => ({ value: route, label: route })),
          ]}
        />
        <TextField
          name="id"
          label="Request id"
          value={model.filters.requestId}
          placeholder="req_…"
          maxLength={120}
          spellcheck={false}
        />
        <Button>Apply</Button>
      </Form>
      <Card flush>
        <RequestTable model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </PortalPage>
  );
}

function RequestTable({ model }: { model: RequestsModel }) {
  const names = new Map(model.keys.map((key) => [key.keyId, key.name]));
  const { locale } = useViewer();
  return (
    <Table
      caption="Recent calls"
      rows={model.requests}
      rowKey={(row) => row.requestId}
      empty={model.nextHref === null
        ? (
          <EmptyState title="No calls match" icon="requests">
            <p class="small">
              Calls appear here within seconds of being answered.{" "}
              <a href="/portal/start">Make one now</a>
            </p>
          </EmptyState>
        )
        : (
          <EmptyState title="No match among the calls looked through" icon="requests">
            <p class="small">Older ones may match: go on below.</p>
          </EmptyState>
        )}
      columns={[
        {
          key: "time",
          label: "Time",
          cell: (row) => <DateTime atMs={row.atMs} style="moment" />,
        },
        {
          key: "call",
          label: "Call",
          header: true,
          cell: (row) => (
            <>
              <bdi class="mono">{row.route}</bdi>
              <div class="muted mono nowrap">{row.requestId}</div>
            </>
          ),
        },
        {
          key: "status",
          label: "Status",
          cell: (row) => (
            <>
              <Badge tone={row.status < 400 ? "good" : row.status < 500 ? "warn" : "bad"}>
                {row.status}
              </Badge>
              {row.code !== null && (
                <a
                  class="mono small nowrap"
                  href={`/docs/problems/${encodeURIComponent(row.code)}`}
                >
                  {row.code}
                </a>
              )}
            </>
          ),
        },
        {
          key: "key",
          label: "Key",
          cell: (row) => <bdi>{names.get(row.keyId) ?? row.keyId}</bdi>,
        },
        { key: "units", label: "Units", end: true, cell: (row) => <Units units={row.units} /> },
        {
          key: "cost",
          label: "Cost",
          end: true,
          cell: (row) => <Money amount={row.cost} currency={model.currency} exact />,
        },
        {
          key: "latency",
          label: "Took",
          end: true,
          cell: (row) => (
            <span class="num">
              {formatUnits(Math.round(row.latencyMicros / 10) / 100, locale)} ms
            </span>
          ),
        },
      ]}
    />
  );
}
