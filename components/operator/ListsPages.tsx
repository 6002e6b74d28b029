import type { ComponentChildren } from "preact";
import type { ListHead, ListLoad } from "@/lib/ports/rating.ts";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Checkbox } from "../ui/Checkbox.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { FileField, TextArea, TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";

export interface ListsModel {
  readonly lists: readonly (ListHead & { readonly loadedBy: string | null })[];
  readonly loads: readonly (ListLoad & { readonly isStalled: boolean })[];
}

export interface ListFormModel {
  /** The list that is replaced; `null` for a new one. */
  readonly current: ListHead | null;
  readonly draft: {
    readonly loadId: string;
    readonly listId: string;
    /** Of the list that is replaced, empty for a new one. */
    readonly version: string;
    readonly kind: string;
    readonly asOf: string;
    readonly text: string;
    readonly mayShrink: boolean;
  };
  /** What is wrong, row by row. */
  readonly errors: readonly string[];
}

export interface ListLoadModel {
  readonly load: ListLoad;
  readonly isStalled: boolean;
}

export const LISTS_PATH = "/operator/lists";
const FORM_PATH = "/operator/lists/load";
const CRUMBS = [{ href: LISTS_PATH, label: "Prices and lists" }];

const KINDS = [
  { value: "sanctions", label: "Sanctions: a hit blocks" },
  { value: "restricted", label: "Restricted" },
  { value: "watch", label: "Watch" },
  { value: "embargoed_countries", label: "Embargoed countries" },
  { value: "high_risk_countries", label: "High-risk countries" },
  { value: "", label: "As the JSON says" },
];

export function listLoadPath(loadId: string): string {
  return `${LISTS_PATH}/loads/${encodeURIComponent(loadId)}`;
}

function formPath(listId: string): string {
  return `${FORM_PATH}?${new URLSearchParams({ list: listId })}`;
}

/** Lists and prices are two views of what ratings rest on. */
export function MarketPage(
  { frame, current, actions, children }: {
    frame: OperatorFrame;
    current: string;
    actions?: ComponentChildren;
    children: ComponentChildren;
  },
) {
  return (
    <OperatorPage frame={frame} current={LISTS_PATH}>
      <PageHeader
        title="Prices and lists"
        lede="What ratings rest on: lists that every tenant is screened against, and what tenants have stored themselves."
        actions={actions}
      />
      <Tabs
        label="Prices or lists"
        current={current}
        tabs={[
          { href: LISTS_PATH, label: "Lists" },
          { href: `${LISTS_PATH}/prices`, label: "Prices" },
        ]}
      />
      {children}
    </OperatorPage>
  );
}

export function ListsPage({ frame, model }: { frame: OperatorFrame; model: ListsModel }) {
  const { locale } = useViewer();
  return (
    <MarketPage
      frame={frame}
      current={LISTS_PATH}
      actions={<ButtonLink href={FORM_PATH} kind="primary" icon="plus">Load a list</ButtonLink>}
    >
      <Card title="Lists in force" flush>
        <Table
          caption="Lists in force"
          rows={model.lists}
          rowKey={({ listId }) => listId}
          empty={
            <EmptyState title="No list is loaded" icon="list">
              <p class="small">
                Without a sanctions list no instrument passes screening: tenants are told that it
                was not evaluated.
              </p>
            </EmptyState>
          }
          columns={[
            {
              key: "list",
              label: "List",
              header: true,
              cell: ({ listId, kind }) => (
                <>
                  <code class="break">{listId}</code>
                  <div class="muted small">{kind.replaceAll("_", " ")}</div>
                </>
              ),
            },
            {
              key: "count",
              label: "Entries",
              end: true,
              cell: ({ count }) => formatUnits(count, locale),
            },
            { key: "asOf", label: "Publisher’s date", cell: ({ asOf }) => asOf },
            {
              key: "loaded",
              label: "Loaded",
              cell: ({ loadedAtMs, loadedBy }) => (
                <>
                  <DateTime atMs={loadedAtMs} />
                  <div class="muted small break">by {loadedBy ?? "somebody unknown"}</div>
                </>
              ),
            },
            {
              key: "actions",
              label: "Actions",
              actions: true,
              cell: ({ listId }) => (
                <ButtonLink href={formPath(listId)} size="sm">
                  Replace<span class="sr-only">{listId}</span>
                </ButtonLink>
              ),
            },
          ]}
        />
      </Card>
      {model.loads.length > 0 && <Loads loads={model.loads} />}
    </MarketPage>
  );
}

function Loads({ loads }: { loads: ListsModel["loads"] }) {
  const { locale } = useViewer();
  return (
    <Card title="Last loads" flush>
      <Table
        caption="Last loads, newest first"
        rows={loads}
        rowKey={({ loadId }) => loadId}
        empty={<EmptyState title="No list was loaded yet" icon="list" />}
        columns={[
          {
            key: "started",
            label: "Started",
            header: true,
            cell: ({ startedAtMs, loadId }) => (
              <a href={listLoadPath(loadId)}>
                <DateTime atMs={startedAtMs} style="moment" />
              </a>
            ),
          },
          { key: "list", label: "List", cell: ({ listId }) => <code class="break">{listId}</code> },
          { key: "state", label: "State", cell: (load) => <LoadState {...load} /> },
          {
            key: "count",
            label: "Entries",
            end: true,
            cell: ({ count }) => formatUnits(count, locale),
          },
          {
            key: "instruments",
            label: "Instruments screened",
            end: true,
            cell: ({ instruments }) => formatUnits(instruments, locale),
          },
          { key: "by", label: "By", cell: ({ startedBy }) => <bdi class="break">{startedBy}</bdi> },
        ]}
      />
    </Card>
  );
}

const TONES: Readonly<Record<ListLoad["state"], Tone>> = {
  storing: "info",
  screening: "info",
  done: "good",
  failed: "bad",
};

function LoadState({ state, isStalled }: { state: ListLoad["state"]; isStalled: boolean }) {
  return <Badge tone={isStalled ? "warn" : TONES[state]} dot>{isStalled ? "stopped" : state}
  </Badge>;
}

export function ListFormPage({ frame, model }: { frame: OperatorFrame; model: ListFormModel }) {
  const { current, draft, errors } = model;
  const { locale } = useViewer();
  const title = current === null ? "Load a list" : `Replace ${current.listId}`;
  return (
    <OperatorPage frame={frame} current={LISTS_PATH}>
      <PageHeader
        title={title}
        crumbs={CRUMBS}
        lede="All of it is checked before anything is stored, and the list before stays in force until the new one is whole."
      />
      {errors.length > 0 && (
        <Notice tone="bad" title="Nothing was stored">
          <ul class="stack-sm">
            {errors.map((error) => <li key={error} class="break">{error}</li>)}
          </ul>
          A file has to be chosen again.
        </Notice>
      )}
      {current !== null && (
        <Facts
          facts={[
            { term: "In force", value: `${formatUnits(current.count, locale)} entries` },
            { term: "Publisher’s date", value: current.asOf },
            { term: "Loaded", value: <DateTime atMs={current.loadedAtMs} /> },
          ]}
        />
      )}
      <Card>
        <Form action={FORM_PATH} multipart>
          <input type="hidden" name="loadId" value={draft.loadId} />
          <input type="hidden" name="version" value={draft.version} />
          <div class="fields">
            <TextField
              name="listId"
              label="List id"
              required
              readOnly={current !== null}
              maxLength={32}
              pattern="[0-9A-Za-z*@#._\-]+"
              value={draft.listId}
              hint="Such as ofac-sdn; it stands in every screening result."
              spellcheck={false}
            />
            <Select name="kind" label="Kind" value={draft.kind} options={KINDS} />
            <TextField
              name="asOf"
              label="Publisher’s date"
              type="date"
              value={draft.asOf}
              hint="May be empty for JSON that says as_of."
            />
          </div>
          <FileField
            name="file"
            label="File"
            accept=".csv,.json,text/csv,application/json"
            hint="CSV whose first row names its columns (id, name, aliases, isin, lei, country), or JSON as the operator API takes it. At most 16 MiB and 50,000 entries."
          />
          <TextArea
            name="text"
            label="Or paste it"
            rows={8}
            value={draft.text}
            placeholder="id,name,aliases,country"
          />
          {current !== null && (
            <Checkbox
              name="mayShrink"
              label="It may have fewer than half the entries of the one in force"
              hint="A list that shrinks so much is most often a broken download."
              checked={draft.mayShrink}
            />
          )}
          <div class="form-actions">
            <Button kind="primary">Check and load</Button>
          </div>
        </Form>
      </Card>
    </OperatorPage>
  );
}

/** `children`: how far screening is. */
export function ListLoadPage(
  { frame, model, children }: {
    frame: OperatorFrame;
    model: ListLoadModel;
    children: ComponentChildren;
  },
) {
  const { load, isStalled } = model;
  const { locale } = useViewer();
  const path = listLoadPath(load.loadId);
  const entries = formatUnits(load.count, locale);
  return (
    <OperatorPage frame={frame} current={LISTS_PATH}>
      <PageHeader
        title={`Load of ${load.listId}`}
        crumbs={CRUMBS}
        lede={<LoadState state={load.state} isStalled={isStalled} />}
      />
      {load.state === "done" && (
        <Notice tone="good" title="The list is in force">
          {formatUnits(load.instruments, locale)} stored instruments of{" "}
          {formatUnits(load.tenantsDone, locale)} tenants were screened against it.
        </Notice>
      )}
      {load.state === "failed" && (
        <Notice tone="bad" title="The list before stays in force">{load.detail}</Notice>
      )}
      {load.state === "storing" && (
        <Notice tone={isStalled ? "warn" : "info"} title="Being written">
          {isStalled
            ? "It did not come to its end. The list before is in force; load it once more."
            : "The list before is in force until it is whole."}
        </Notice>
      )}
      {load.state === "screening" && (
        <Card
          title="Screening"
          note="The list is in force already: who asks first is screened then."
        >
          {children}
          <div class="row">
            {isStalled && (
              <Form action={path} class="">
                <Button kind="primary" icon="rotate">Go on screening</Button>
              </Form>
            )}
            <ButtonLink href={path}>Look again</ButtonLink>
          </div>
        </Card>
      )}
      <Card title="What was loaded">
        <Facts
          facts={[
            { term: "List", value: <code class="break">{load.listId}</code> },
            { term: "Kind", value: load.kind.replaceAll("_", " ") },
            { term: "Publisher’s date", value: load.asOf },
            {
              term: "Entries",
              value: load.replacedCount === null
                ? entries
                : `${entries}, in place of ${formatUnits(load.replacedCount, locale)}`,
            },
            { term: "Started", value: <DateTime atMs={load.startedAtMs} style="moment" /> },
            { term: "By", value: <bdi class="break">{load.startedBy}</bdi> },
            { term: "Last step", value: <DateTime atMs={load.updatedAtMs} style="moment" /> },
          ]}
        />
      </Card>
    </OperatorPage>
  );
}
