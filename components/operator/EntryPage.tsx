import { meterLabel } from "@/lib/domain/meter.ts";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import type { Units as UnitCount } from "@/lib/domain/plan.ts";
import { StackBar } from "../charts/StackBar.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Facts } from "../ui/Facts.tsx";
import { TextArea, TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { entryPath, StateBadge } from "./OutboxPage.tsx";
import { reasonWords } from "./outbox_words.ts";
import { TenantLink } from "./TenantLink.tsx";

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

/** Typed to give units up for good. */
export const WRITE_OFF_PHRASE = "write off";

export function EntryPage({ frame, model }: { frame: OperatorFrame; model: EntryModel }) {
  const { entry } = model;
  return (
    <OperatorPage frame={frame} current="/operator/outbox">
      <PageHeader
        title="Outbox entry"
        crumbs={[{ href: "/operator/outbox", label: "Outbox" }]}
        lede={
          <>
            <code class="break">{entry.entryId}</code> <StateBadge state={entry.state} />
          </>
        }
      />
      <Standing entry={entry} />
      {model.evidence !== null && <Evidence entry={entry} evidence={model.evidence} />}
      <Decisions model={model} />
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

function Evidence({ entry, evidence }: { entry: OutboxEntry; evidence: EntryEvidence }) {
  return (
    <Card
      title="Evidence"
      note="The minute belongs to this entry alone, so Stripe’s own summary of it says whether the units are there."
    >
      {evidence.kind === "unavailable"
        ? (
          <Notice tone="warn" title="Stripe does not answer">
            <p class="break">{evidence.detail}</p>
            <a href={entryPath(entry.entryId)}>Ask again</a>
          </Notice>
        )
        : <Summary entry={entry} evidence={evidence} />}
    </Card>
  );
}

const VERDICTS = {
  arrived: ["good", "the same: they arrived"],
  absent: ["warn", "none: they did not arrive"],
  not_yet: ["info", "none so far; it may lag"],
  odd: ["bad", "other units: somebody has to look"],
} as const;

function Summary(
  { entry, evidence: { units, verdict } }: {
    entry: OutboxEntry;
    evidence: EntryEvidence & { readonly kind: "summary" };
  },
) {
  const { locale, nowMs } = useViewer();
  const early = verdict === "absent" && entry.state === "doubtful" && nowMs < entry.nextAttemptAtMs;
  const [tone, words] = VERDICTS[early ? "not_yet" : verdict];
  const shared = units < entry.units ? units : entry.units;
  return (
    <>
      <Facts
        facts={[
          { term: "This entry", value: <Units units={entry.units} /> },
          {
            term: "Stripe’s summary",
            value: (
              <>
                <Units units={units} /> <Badge tone={tone} dot>{words}</Badge>
              </>
            ),
          },
          { term: "Minute", value: <DateTime atMs={entry.timestampMs} /> },
          { term: "Customer", value: <code class="break">{entry.stripeCustomerId}</code> },
        ]}
      />
      {entry.units > 0n && units >= 0n && (
        <StackBar
          summary={`Stripe shows ${formatUnits(units, locale)} of ${
            formatUnits(entry.units, locale)
          } units`}
          parts={[
            { key: "there", label: "At Stripe", class: "s0", value: Number(shared) },
            {
              key: "missing",
              label: "Not at Stripe",
              class: "s-rest",
              value: Number(entry.units - shared),
            },
            ...units > entry.units
              ? [{
                key: "more",
                label: "More than this entry has",
                class: "s-bad",
                value: Number(units - shared),
              }]
              : [],
          ]}
        />
      )}
    </>
  );
}

function Decisions({ model }: { model: EntryModel }) {
  const { state } = model.entry;
  if (state !== "held" && state !== "doubtful") return null;
  return (
    <div class="grid-2">
      {state === "held" && <Retry model={model} />}
      {state === "doubtful" && <Settle model={model} />}
      <WriteOff model={model} />
    </div>
  );
}

function Hidden({ model: { version }, act }: { model: EntryModel; act: string | null }) {
  return (
    <>
      <input type="hidden" name="version" value={version} />
      {act !== null && <input type="hidden" name="act" value={act} />}
    </>
  );
}

function Reason({ model: { attempt }, form }: { model: EntryModel; form: DecisionForm }) {
  const own = attempt?.form === form ? attempt : null;
  return (
    <TextArea
      scope={form}
      name="reason"
      label="Reason"
      rows={2}
      required
      maxLength={500}
      value={own?.reason ?? ""}
      error={own?.error}
      hint="Stays with the entry and in the audit log."
    />
  );
}

function Retry({ model }: { model: EntryModel }) {
  const { entry } = model;
  return (
    <Card
      title="Send again"
      note={entry.burnt
        ? "The identifier is used up at Stripe, so the units go out under a new one."
        : "For when the cause is gone. Where an attempt may have arrived, Stripe is asked first."}
    >
      <Form action={entryPath(entry.entryId)} label="Send again">
        <Hidden model={model} act="retry" />
        <Reason model={model} form="retry" />
        <div class="form-actions">
          <Button kind="primary" icon="rotate">Send again</Button>
        </div>
      </Form>
    </Card>
  );
}

function Settle({ model }: { model: EntryModel }) {
  const { entry } = model;
  return (
    <Card
      title="Settle the doubt"
      note="Only if you know more than the summary: what you say decides whether the units are billed."
    >
      <Form action={entryPath(entry.entryId)} label="Settle the doubt">
        <Hidden model={model} act={null} />
        <Reason model={model} form="settle" />
        <div class="form-actions">
          <Button name="act" value="delivered">Stripe has them</Button>
          <Button name="act" value="not_delivered">Stripe has not: send again</Button>
        </div>
      </Form>
    </Card>
  );
}

function WriteOff({ model }: { model: EntryModel }) {
  const { entry, attempt } = model;
  const { locale } = useViewer();
  return (
    <Card
      title="Write off"
      note={`Gives ${
        formatUnits(entry.units, locale)
      } units up for good. They are never sent or billed.`}
    >
      <Form action={entryPath(entry.entryId)} label="Write off">
        <Hidden model={model} act="write_off" />
        <Reason model={model} form="write_off" />
        <TextField
          scope="write_off"
          name="confirmation"
          label={`Type “${WRITE_OFF_PHRASE}” to confirm`}
          pattern={WRITE_OFF_PHRASE}
          required
          spellcheck={false}
          error={attempt?.form === "write_off" ? "Type it again." : undefined}
        />
        <div class="form-actions">
          <Button kind="danger">Write off</Button>
        </div>
      </Form>
    </Card>
  );
}

function Payload({ model: { entry, tenantName } }: { model: EntryModel }) {
  return (
    <Card title="Payload" note="Frozen at the seal; every attempt sends exactly this.">
      <Facts
        facts={[
          {
            term: "Tenant",
            value: (
              <TenantLink
                tenantId={entry.tenantId}
                {...tenantName === null ? {} : { name: tenantName }}
              />
            ),
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
