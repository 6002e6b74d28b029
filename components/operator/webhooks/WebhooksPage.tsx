import { Fragment } from "preact";
import type { WebhookEndpoint } from "@/lib/billing/webhook_endpoints.ts";
import type { StoredNotice } from "@/lib/ports/notice_inbox.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { Form } from "../../ui/Form.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { Table } from "../../ui/Table.tsx";
import type { OperatorFrame } from "../OperatorPage.tsx";
import { TenantLink, type TenantNames } from "../TenantLink.tsx";
import { DELIVERY_TONES, NOTICES_PATH, StateFilter, WebhooksFrame } from "./WebhooksFrame.tsx";

export interface WebhooksModel {
  readonly endpoints: readonly WebhookEndpoint[];
  readonly isSandbox: boolean;
  /** Only notices in this state are shown. */
  readonly state: StoredNotice["state"] | null;
  readonly notices: readonly (StoredNotice & { readonly tenantId: string | null })[];
  readonly names: TenantNames;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function WebhooksPage({ frame, model }: { frame: OperatorFrame; model: WebhooksModel }) {
  return (
    <WebhooksFrame
      frame={frame}
      current={NOTICES_PATH}
      names={model.names}
      lede="A notice only says which object to look at: it is fetched and its present state applied, so order and repeats don’t matter. Kept for 40 days."
    >
      <div class="grid-2">
        {model.endpoints.map((endpoint) => (
          <EndpointCard key={endpoint.kind} endpoint={endpoint} isSandbox={model.isSandbox} />
        ))}
      </div>
      <StateFilter
        path={NOTICES_PATH}
        states={["waiting", "applied", "ignored", "failed"]}
        current={model.state}
      />
      <Card flush>
        <NoticeTable notices={model.notices} isFiltered={model.state !== null} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </WebhooksFrame>
  );
}

function EndpointCard({ endpoint, isSandbox }: { endpoint: WebhookEndpoint; isSandbox: boolean }) {
  const { kind, url, lastReceivedAtMs, lastRefused } = endpoint;
  const isSnapshot = kind === "snapshot";
  return (
    <Card
      title={isSnapshot ? "Snapshot events" : "Thin events"}
      note={isSnapshot
        ? "Subscriptions, invoices, checkouts, customers."
        : "Usage that Stripe refused after it had accepted it."}
    >
      <Facts
        facts={[
          {
            term: "Address",
            value: <Address url={url} />,
          },
          { term: "Secret", value: <Secrets {...endpoint} isSandbox={isSandbox} /> },
          {
            term: "Last received",
            value: lastReceivedAtMs === null
              ? <span class="muted">never</span>
              : <DateTime atMs={lastReceivedAtMs} style="relative" />,
          },
          {
            term: "Last refused",
            value: lastRefused === null ? <span class="muted">never</span> : (
              <>
                <DateTime atMs={lastRefused.atMs} style="relative" />:{" "}
                <code>{lastRefused.code}</code>
                <div class="muted small break">{lastRefused.detail}</div>
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}

function Secrets({ kind, secrets, isSandbox }: WebhookEndpoint & { isSandbox: boolean }) {
  if (isSandbox) return <Badge tone="good" dot>the simulator’s own</Badge>;
  if (secrets === 1) return <Badge tone="good" dot>configured</Badge>;
  if (secrets > 1) return <Badge tone="warn" dot>two: one is being rotated</Badge>;
  const variable = kind === "snapshot" ? "STRIPE_WEBHOOK_SECRET" : "STRIPE_THIN_WEBHOOK_SECRET";
  return (
    <>
      <Badge tone="bad" dot>missing</Badge>
      <div class="muted small">
        Every delivery is refused until <code>{variable}</code> is set.
      </div>
    </>
  );
}

function NoticeTable(
  { notices, isFiltered }: { notices: WebhooksModel["notices"]; isFiltered: boolean },
) {
  return (
    <Table
      caption="Notices from Stripe, newest first"
      rows={notices}
      rowKey={({ notice }) => notice.eventId}
      empty={
        <EmptyState
          title={isFiltered ? "None in this state" : "Stripe has sent nothing yet"}
          icon="webhook"
        >
          {!isFiltered && (
            <p class="small">
              The first comes when a tenant is made known to Stripe. What webhooks lose, the daily
              run pulls.
            </p>
          )}
        </EmptyState>
      }
      columns={[
        {
          key: "type",
          label: "Notice",
          header: true,
          cell: ({ notice }) => (
            <>
              <code class="break">{notice.type}</code>
              <div class="muted mono small id">{notice.eventId}</div>
            </>
          ),
        },
        {
          key: "received",
          label: "Received",
          cell: ({ receivedAtMs, via }) => (
            <>
              <DateTime atMs={receivedAtMs} style="moment" />
              {via === "pull" && <div class="muted small">pulled; no webhook brought it</div>}
            </>
          ),
        },
        {
          key: "state",
          label: "State",
          cell: ({ state, attempts }) => (
            <>
              <Badge
                tone={state === "waiting" && attempts > 0 ? "warn" : DELIVERY_TONES[state]}
                dot
              >
                {state}
              </Badge>
              {attempts > 1 && <div class="muted small">{attempts} attempts</div>}
            </>
          ),
        },
        {
          key: "effect",
          label: "What came of it",
          cell: ({ detail, settledAtMs }) => (
            <>
              <bdi class="break">{detail ?? "nothing yet"}</bdi>
              {settledAtMs !== null && (
                <div class="muted small">
                  <DateTime atMs={settledAtMs} style="moment" />
                </div>
              )}
            </>
          ),
        },
        {
          key: "tenant",
          label: "Tenant",
          cell: ({ tenantId }) =>
            tenantId === null ? <span class="muted">–</span> : <TenantLink tenantId={tenantId} />,
        },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: ({ notice }) => (
            <Form action={NOTICES_PATH} class="">
              <input type="hidden" name="notice" value={notice.eventId} />
              <Button size="sm" icon="rotate">
                Fetch again<span class="sr-only">: {notice.type} {notice.eventId}</span>
              </Button>
            </Form>
          ),
        },
      ]}
    />
  );
}

/** Lines end between the parts of the path. */
function Address({ url }: { url: string }) {
  return (
    <code class="break">
      {url.split(/(?<=\/)/).map((part, at) => (
        <Fragment key={at}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}
