import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Table } from "../ui/Table.tsx";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";

export interface AuditModel {
  readonly entries: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly actor: string;
    readonly action: string;
    readonly target: string;
    readonly detail: string;
  }[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function AuditPage({ frame, model }: { frame: PortalFrame; model: AuditModel }) {
  return (
    <PortalPage frame={frame} current="/portal/audit">
      <PageHeader
        title="Audit"
        lede="Who changed what. Entries are chained by hash, so none can be taken out unseen."
      />
      <Card flush>
        <Table
          caption="Audit entries, newest first"
          rows={model.entries}
          rowKey={(entry) => entry.id}
          empty={<EmptyState title="Nothing was changed yet" icon="audit" />}
          columns={[
            { key: "at", label: "When", cell: (entry) => <DateTime atMs={entry.atMs} /> },
            { key: "actor", label: "Who", cell: (entry) => <bdi class="break">{entry.actor}</bdi> },
            {
              key: "action",
              label: "What",
              header: true,
              cell: (entry) => (
                <>
                  <code class="nowrap">{entry.action}</code>
                  <div class="muted mono nowrap">{entry.target}</div>
                </>
              ),
            },
            {
              key: "detail",
              label: "Detail",
              cell: (entry) => <bdi class="break">{entry.detail}</bdi>,
            },
          ]}
        />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </PortalPage>
  );
}
