import { meterLabel } from "@/lib/domain/meter.ts";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import type { Units as UnitCount } from "@/lib/domain/plan.ts";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Table } from "../../ui/Table.tsx";
import { Units } from "../../ui/Units.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { TenantName } from "../TenantLink.tsx";
import { EntryDecisions } from "./EntryDecisions.tsx";
import { EntryEvidenceCard } from "./EntryEvidenceCard.tsx";
import { EntryStateBadge } from "./EntryStateBadge.tsx";
import { OUTBOX_PATH } from "./outbox_path.ts";
import { reasonWords } from "./outbox_words.ts";

/** What Stripe's summary of the entry's own minute says, or why nobody knows. */
export type EntryEvidence =
  | {
    readonly kind: "summary";
    readonly units: UnitCount;
    readonly verdict: "arrived" | "absent" | "odd";
  }
  | { readonly kind: "unavailable"; readonly detail: string };

export interface EntryStep {
  readonly atMs: number;
  /** A word of ours, or an action of the audit log. */
  readonly what: string;
  readonly who: string | null;
  readonly why: string | null;
}

export type DecisionForm = "retry" | "write_off" | "settle";

export interface EntryModel {
  readonly entry: OutboxEntry;
  /** Decisions are made on this version of the entry only. */
  readonly version: string;
  readonly tenantName: string | null;
  /** `null` where Stripe need not be asked. */
  readonly evidence: EntryEvidence | null;
  readonly steps: readonly EntryStep[];
  /** A decision that was not taken, with what was typed. */
  readonly attempt: {
    readonly form: DecisionForm;
    readonly reason: string;
    readonly error: string;
  } | null;
}

export function EntryPage({ frame, model }: { frame: OperatorFrame; model: EntryModel }) {
  const { entry } = model;
  return (
    <OperatorPage frame={frame} current={OUTBOX_PATH}>
      <PageHeader
        title="Outbox entry"
        crumbs={[{ href: OUTBOX_PATH, label: "Outbox" }]}
        lede={
          <>
            <code class="break">{entry.entryId}</code> <EntryStateBadge state={entry.state} />
          </>
        }
      />
      <Standing entry={entry} />
      {model.evidence !== null && <EntryEvidenceCard entry={entry} evidence={model.evidence} />}
      <EntryDecisions model={model} />
      <div class="grid-2">
        <Payload model={model} />
        <History steps={model.steps} />
      </div>
    </OperatorPage>
  );
}

function Standing({ entry }: { entry: OutboxEntry }) {
  const { nowMs } = useViewer();
  const { state, reason, nextAttemptAtMs } = entry;
  const why = reason === null ? null : reasonWords(reason);
  if (state === "doubtful") {
    return (
      <Notice tone="warn" title="Nobody knows whether Stripe has these units">
        <p>{why} Nothing is sent again before that is known.</p>
        <p>
          {nextAttemptAtMs <= nowMs ? "The next flush asks Stripe and decides." : (
            <>
              Stripe is asked and it is decided by itself at <DateTime atMs={nextAttemptAtMs} />,
              {" "}
              <DateTime atMs={nextAttemptAtMs} style="relative" />: until then a summary that lacks
              the units may merely lag.
            </>
          )}
        </p>
      </Notice>
    );
  }
  if (state === "held") {
    return (
      <Notice tone="bad" title="Held: a person has to decide">
        {why ?? (reason === null ? "No reason is on record." : (
          <>
            Stripe refused it: <code class="break">{reason}</code>.
          </>
        ))}
      </Notice>
    );
  }
  if (state === "written_off") {
    return (
      <Notice title="Written off">
        These units are never sent; the books keep showing them as given up.
      </Notice>
    );
  }
  return null;
}

function Payload({ model: { entry, tenantName } }: { model: EntryModel }) {
  return (
    <Card title="Payload" note="Frozen at the seal; every attempt sends exactly this.">
      <Facts
        facts={[
          {
            term: "Tenant",
            value: <TenantName tenantId={entry.tenantId} name={tenantName ?? undefined} />,
          },
          { term: "Meter", value: meterLabel(entry.meter) },
          { term: "Plan version", value: <code>{entry.planRevision}</code> },
          { term: "Billing period", value: <code>{entry.periodId}</code> },
          { term: "Event name", value: <code class="break">{entry.eventName}</code> },
          { term: "Identifier", value: <code class="break">{entry.identifier}</code> },
          { term: "Customer", value: <code class="break">{entry.stripeCustomerId}</code> },
          { term: "Value", value: <Units units={entry.units} /> },
          { term: "Timestamp", value: <DateTime atMs={entry.timestampMs} /> },
        ]}
      />
    </Card>
  );
}

const STEP_WORDS: Readonly<Record<string, string>> = {
  sealed: "Sealed",
  first_attempt: "First attempt",
  last_attempt: "Last attempt",
  decided: "Decided",
  "outbox.retried": "Sent again by a person",
  "outbox.written_off": "Written off",
  "outbox.resolved": "Doubt settled by a person",
};

function History({ steps }: { steps: readonly EntryStep[] }) {
  return (
    <Card title="History" flush>
      <Table
        caption="What happened to the entry, oldest first"
        rows={steps}
        rowKey={({ atMs, what }) => `${atMs} ${what}`}
        empty={null}
        columns={[
          {
            key: "at",
            label: "When",
            header: true,
            cell: ({ atMs }) => <DateTime atMs={atMs} style="moment" />,
          },
          { key: "what", label: "What", cell: ({ what }) => STEP_WORDS[what] ?? what },
          {
            key: "who",
            label: "Who and why",
            cell: ({ who, why }) => (
              <>
                {who === null ? <span class="muted">the flush</span> : <bdi>{who}</bdi>}
                {why !== null && (
                  <div class="small break">
                    <bdi>{why}</bdi>
                  </div>
                )}
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}
