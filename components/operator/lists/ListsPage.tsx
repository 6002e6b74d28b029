import type { ListHead, ListLoad } from "@/lib/ports/rating.ts";
import { ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Table } from "../../ui/Table.tsx";
import { useViewer } from "../../ui/viewer.ts";
import type { OperatorFrame } from "../OperatorPage.tsx";
import { LIST_FORM_PATH, listFormPath, listLoadPath, LISTS_PATH } from "./list_path.ts";
import { LoadStateBadge } from "./LoadStateBadge.tsx";
import { MarketPage } from "./MarketPage.tsx";

export interface ListsModel {
  readonly lists: readonly (ListHead & { readonly loadedBy: string | null })[];
  readonly loads: readonly (ListLoad & { readonly isStalled: boolean })[];
}

export function ListsPage({ frame, model }: { frame: OperatorFrame; model: ListsModel }) {
  const { locale } = useViewer();
  return (
    <MarketPage
      frame={frame}
      current={LISTS_PATH}
      actions={
        <ButtonLink href={LIST_FORM_PATH} kind="primary" icon="plus">Load a list</ButtonLink>
      }
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
                <ButtonLink href={listFormPath(listId)} size="sm">
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
          { key: "state", label: "State", cell: (load) => <LoadStateBadge {...load} /> },
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
