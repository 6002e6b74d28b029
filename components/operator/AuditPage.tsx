import type { AuditEntry } from "@/lib/ports/audit.ts";
import type { AuditFault, AuditVerdict } from "@/lib/tenancy/verify_audit.ts";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { type AuditChange, ChangeList } from "../ui/ChangeList.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { TenantName } from "./TenantLink.tsx";

export interface AuditVerification {
  readonly verdict: AuditVerdict;
  /** `null` for a chain without rows. */
  readonly headHash: string | null;
}

export interface AuditModel {
  readonly chain: string;
  /** `null` for the operator's own chain. */
  readonly tenantName: string | null;
  /** False when no tenant has this id. */
  readonly isKnown: boolean;
  readonly action: string;
  readonly actor: string;
  readonly entries: readonly (Omit<AuditEntry, "before" | "after"> & {
    readonly changes: readonly AuditChange[];
  })[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
  readonly verifyHref: string;
  readonly verification: AuditVerification | null;
}

type Row = AuditModel["entries"][number];

const PATH = "/operator/audit";
/** Changes that a row shows at once. */
const CHANGES_SHOWN = 4;

export function AuditPage({ frame, model }: { frame: OperatorFrame; model: AuditModel }) {
  const isFiltered = model.chain !== "operator" || model.action !== "" || model.actor !== "";
  return (
    <OperatorPage frame={frame} current={PATH}>
      <PageHeader
        title="Audit"
        lede={model.tenantName === null
          ? "What concerns no single tenant: sign-ins, plans, lists, settings of operators. Name a tenant to read its own chain."
          : (
            <>
              The chain of <TenantName tenantId={model.chain} name={model.tenantName} />
            </>
          )}
        actions={model.isKnown && (
          <ButtonLink href={model.verifyHref} icon="audit">Verify the hash chain</ButtonLink>
        )}
      />
      {model.verification !== null && <Verification {...model.verification} />}
      <Form action={PATH} method="get" class="filters" label="Filter the audit log">
        <TextField
          name="chain"
          label="Tenant id"
          value={model.chain === "operator" ? "" : model.chain}
          maxLength={100}
          placeholder="operator’s own"
          spellcheck={false}
          error={model.isKnown ? undefined : "No tenant has this id"}
        />
        <TextField
          name="action"
          label="Action starts with"
          value={model.action}
          maxLength={100}
          placeholder="api_key."
          spellcheck={false}
        />
        <TextField
          name="actor"
          label="Who: id or kind"
          value={model.actor}
          maxLength={254}
          placeholder="operator"
          spellcheck={false}
        />
        <Button icon="search">Filter</Button>
        {isFiltered && <ButtonLink href={PATH}>Show all</ButtonLink>}
      </Form>
      <Card flush>
        <AuditTable rows={model.entries} isFiltered={isFiltered} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </OperatorPage>
  );
}

const FAULTS: Readonly<Record<AuditFault, string>> = {
  missing_entry: "A row is missing here, or stands in another place.",
  changed_entry: "This row was changed after it was written: its hash no longer fits its content.",
  broken_link: "This row does not follow the one before it.",
  cut_off: "The chain ends before its head: rows at its end were taken away.",
};

function Verification({ verdict, headHash }: AuditVerification) {
  const { locale } = useViewer();
  if (!verdict.intact) {
    const row = formatUnits(verdict.atSequence, locale);
    return (
      <Notice tone="bad" title={`The chain is broken at row ${row}`}>
        {FAULTS[verdict.reason]}{" "}
        Rows before it fit. Compare with a head hash that you kept elsewhere.
      </Notice>
    );
  }
  if (headHash === null) {
    return <Notice title="Nothing to verify">The chain has no row yet.</Notice>;
  }
  const rows = verdict.entries === 1 ? "1 row" : `${formatUnits(verdict.entries, locale)} rows`;
  return (
    <Notice tone="good" title={`The chain is intact: ${rows}, each fits the one before`}>
      Head hash{" "}
      <code class="break">{headHash}</code>. Keep it elsewhere: it proves later that the chain was
      not rewritten as a whole.
    </Notice>
  );
}

function AuditTable({ rows, isFiltered }: { rows: readonly Row[]; isFiltered: boolean }) {
  return (
    <Table
      caption="Audit rows, newest first"
      rows={rows}
      rowKey={({ sequence }) => String(sequence)}
      empty={
        <EmptyState
          title={isFiltered ? "No row fits" : "Nothing was done yet"}
          icon="audit"
        />
      }
      columns={[
        { key: "row", label: "Row", end: true, cell: ({ sequence }) => sequence },
        { key: "at", label: "When", cell: ({ atMs }) => <DateTime atMs={atMs} /> },
        { key: "actor", label: "Who", cell: (row) => <Actor {...row} /> },
        {
          key: "action",
          label: "What",
          header: true,
          cell: ({ action, subject }) => (
            <div class="wide-cell">
              <code class="break">{action}</code>
              <div class="muted mono break">{subject}</div>
            </div>
          ),
        },
        { key: "changes", label: "Change", cell: (row) => <Changes row={row} /> },
      ]}
    />
  );
}

function Actor({ actor }: Row) {
  return (
    <>
      <bdi class="break">{actor.id}</bdi>
      <div class="muted small">
        {actor.kind.replace("_", " ")}
        {actor.impersonatedBy !== undefined && (
          <>
            , acted for by <bdi class="break">{actor.impersonatedBy}</bdi>
          </>
        )}
      </div>
    </>
  );
}

function Changes({ row }: { row: Row }) {
  const more = row.changes.slice(CHANGES_SHOWN);
  return (
    <div class="stack-sm">
      <ChangeList changes={row.changes.slice(0, CHANGES_SHOWN)} />
      <details class="small">
        <summary>
          {more.length === 0 ? "Details" : `${more.length} more and details`}
          <span class="sr-only">of row {row.sequence}</span>
        </summary>
        <div class="stack-sm">
          <ChangeList changes={more} />
          <Facts
            facts={[
              { term: "From", value: <code class="break">{row.ip ?? "this server"}</code> },
              { term: "Request", value: <code class="break">{row.requestId}</code> },
              { term: "Hash", value: <code class="break">{row.hash}</code> },
              { term: "Follows", value: <code class="break">{row.previousHash}</code> },
            ]}
          />
        </div>
      </details>
    </div>
  );
}
