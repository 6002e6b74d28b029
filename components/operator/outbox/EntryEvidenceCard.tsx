import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { StackBar } from "../../charts/StackBar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Units } from "../../ui/Units.tsx";
import { useViewer } from "../../ui/viewer.ts";
import type { EntryEvidence } from "./EntryPage.tsx";
import { entryPath } from "./outbox_path.ts";

/** Whether Stripe has the units of the entry, by its own word. */
export function EntryEvidenceCard(
  { entry, evidence }: { entry: OutboxEntry; evidence: EntryEvidence },
) {
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
