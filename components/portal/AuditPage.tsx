import { portalKey } from "@/lib/i18n/portal/messages.ts";
import type { AuditActor } from "@/lib/ports/audit.ts";
import { Card } from "../ui/Card.tsx";
import { type AuditChange, ChangeList } from "../ui/ChangeList.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Table } from "../ui/Table.tsx";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { useWords, type Words, wordsIn } from "./words.ts";

export interface AuditActorModel {
  readonly kind: AuditActor["kind"];
  /** An address or name where one is known, else an id. */
  readonly name: string;
  /** An operator who looked through this member's eyes. */
  readonly impersonatedBy: string | null;
}

export interface AuditModel {
  readonly entries: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly actor: AuditActorModel;
    /** `<noun>.<past participle>`, as the log has it. */
    readonly action: string;
    readonly target: string;
    readonly changes: readonly AuditChange[];
  }[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function AuditPage({ frame, model }: { frame: PortalFrame; model: AuditModel }) {
  const words = wordsIn(frame.viewer.locale);
  const { say } = words;
  return (
    <PortalPage frame={frame} current="/portal/audit">
      <PageHeader
        title={say("nav_audit")}
        lede={say("audit_lede")}
      />
      <Card flush>
        <Table
          caption={say("audit_caption")}
          rows={model.entries}
          rowKey={(entry) => entry.id}
          empty={<EmptyState title={say("nothing_changed")} icon="audit" />}
          columns={[
            { key: "at", label: say("when"), cell: (entry) => <DateTime atMs={entry.atMs} /> },
            {
              key: "actor",
              label: say("who"),
              cell: (entry) => <bdi class="break">{actorWords(entry.actor, words)}</bdi>,
            },
            {
              key: "action",
              label: say("what"),
              header: true,
              cell: (entry) => (
                <>
                  {actionWords(entry.action, words) ?? <code>{entry.action}</code>}
                  <div class="muted mono small nowrap">{entry.target}</div>
                </>
              ),
            },
            {
              key: "detail",
              label: say("detail"),
              cell: ({ changes }) => <Changes changes={changes} />,
            },
          ]}
        />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </PortalPage>
  );
}

/** Changes that a row shows at once. */
const CHANGES_SHOWN = 4;

function Changes({ changes }: { changes: readonly AuditChange[] }) {
  const { count } = useWords();
  const more = changes.slice(CHANGES_SHOWN);
  return (
    <>
      <ChangeList changes={changes.slice(0, CHANGES_SHOWN)} />
      {more.length > 0 && (
        <details class="small">
          <summary>{count("changes_more", more.length)}</summary>
          <ChangeList changes={more} />
        </details>
      )}
    </>
  );
}

/** `null` for an action that no catalogue knows: its code says enough. */
function actionWords(action: string, { say }: Words): string | null {
  const key = portalKey(`action_${action.replaceAll(".", "_")}`);
  return key === null ? null : say(key);
}

function actorWords({ kind, name, impersonatedBy }: AuditActorModel, { say }: Words): string {
  const who = kind === "member" ? name : say(`actor_${kind}`, { name });
  return impersonatedBy === null ? who : say("actor_through", { who, operator: impersonatedBy });
}
