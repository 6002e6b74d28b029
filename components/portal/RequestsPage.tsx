import type { RequestRecord } from "@/lib/ports/traffic.ts";
import { portalKey } from "@/lib/i18n/portal/messages.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatMillis } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { useWords, wordsIn } from "./words.ts";

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
  const { say } = wordsIn(frame.viewer.locale);
  return (
    <PortalPage frame={frame} current="/portal/requests">
      <PageHeader
        title={say("nav_requests")}
        lede={say("requests_lede")}
      />
      <Form action="/portal/requests" method="get" class="filters" label={say("filter_requests")}>
        <Select
          name="status"
          label={say("outcome")}
          value={model.filters.status}
          options={[
            { value: "", label: say("all") },
            { value: "ok", label: say("outcome_ok") },
            { value: "refused", label: say("outcome_refused") },
          ]}
        />
        <Select
          name="key"
          label={say("api_key")}
          value={model.filters.keyId}
          options={[
            { value: "", label: say("all_keys") },
            ...model.keys.map((key) => ({ value: key.keyId, label: key.name })),
          ]}
        />
        <Select
          name="feature"
          label={say("feature")}
          value={model.filters.feature}
          options={[
            { value: "", label: say("all_features") },
            ...model.features.map((route) => ({ value: route, label: route })),
          ]}
        />
        <TextField
          name="id"
          label={say("request_id")}
          value={model.filters.requestId}
          placeholder="req_…"
          maxLength={120}
          spellcheck={false}
        />
        <Button>{say("apply")}</Button>
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
  const { say } = useWords();
  return (
    <Table
      caption={say("recent_calls")}
      rows={model.requests}
      rowKey={(row) => row.requestId}
      empty={model.nextHref === null
        ? (
          <EmptyState title={say("no_calls_match")} icon="requests">
            <p class="small">
              {say("calls_appear")} <a href="/portal/start">{say("make_one_now")}</a>
            </p>
          </EmptyState>
        )
        : (
          <EmptyState title={say("no_match_so_far")} icon="requests">
            <p class="small">{say("older_may_match")}</p>
          </EmptyState>
        )}
      columns={[
        {
          key: "time",
          label: say("time"),
          cell: (row) => <DateTime atMs={row.atMs} style="moment" />,
        },
        {
          key: "call",
          label: say("call"),
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
          label: say("status"),
          cell: (row) => (
            <>
              <Badge tone={row.status < 400 ? "good" : row.status < 500 ? "warn" : "bad"}>
                {row.status}
              </Badge>
              {row.code !== null && <Why code={row.code} />}
            </>
          ),
        },
        {
          key: "key",
          label: say("key"),
          cell: (row) => <bdi>{names.get(row.keyId) ?? row.keyId}</bdi>,
        },
        {
          key: "units",
          label: say("units"),
          end: true,
          cell: (row) => <Units units={row.units} />,
        },
        {
          key: "cost",
          label: say("cost"),
          end: true,
          cell: (row) => <Money amount={row.cost} currency={model.currency} exact />,
        },
        {
          key: "latency",
          label: say("took"),
          end: true,
          cell: (row) => (
            <span class="num nowrap">{formatMillis(row.latencyMicros / 1_000, locale)}</span>
          ),
        },
      ]}
    />
  );
}

/** Why a call was refused: in a sentence where there is one, and by the code that stays. */
function Why({ code }: { code: string }) {
  const { say } = useWords();
  const key = portalKey(`why_${code}`);
  return (
    <>
      {key !== null && <div class="small">{say(key)}</div>}
      <a class="mono small nowrap" href={`/docs/problems/${encodeURIComponent(code)}`}>{code}</a>
    </>
  );
}
