import type { RestoreGap } from "@/lib/billing/restore_gap.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import type { Asked } from "@/lib/operator/ask_stripe.ts";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { HiddenFields } from "../../ui/HiddenFields.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Table } from "../../ui/Table.tsx";
import { Units } from "../../ui/Units.tsx";
import { gapsPath, moneyPath } from "./money_path.ts";

/** `gaps: null`: Stripe was not asked; it is asked when somebody wants to know. */
export function GapsCard(
  { tenantId, gaps }: { tenantId: string; gaps: Asked<readonly RestoreGap[]> | null },
) {
  return (
    <Card
      id="gaps"
      title="Units that Stripe has and the books lack"
      note="After a restore: what was acknowledged and sent after the copy was made. Booked by the hour from Stripe’s word, and never sent."
    >
      {gaps === null
        ? (
          <div class="form-actions">
            <ButtonLink href={gapsPath(tenantId)}>Ask Stripe</ButtonLink>
          </div>
        )
        : gaps.kind === "unavailable"
        ? <Notice tone="warn" title="Stripe can’t say right now">{gaps.detail}</Notice>
        : <GapTable tenantId={tenantId} gaps={gaps.value} />}
    </Card>
  );
}

function GapTable({ tenantId, gaps }: { tenantId: string; gaps: readonly RestoreGap[] }) {
  return (
    <Table
      caption="Days of which Stripe has more units, oldest first"
      rows={gaps}
      rowKey={({ meter, day }) => `${meter} ${day}`}
      empty={<EmptyState title="The books lack nothing that Stripe has" icon="check" />}
      columns={[
        { key: "day", label: "Day (UTC)", header: true, cell: ({ day }) => day },
        {
          key: "meter",
          label: "Meter",
          cell: ({ meter, planRevision }) => (
            <>
              {meterLabel(meter)}
              <div class="muted mono small">{planRevision}</div>
            </>
          ),
        },
        {
          key: "stripe",
          label: "At Stripe",
          end: true,
          cell: ({ stripe }) => <Units units={stripe} />,
        },
        {
          key: "books",
          label: "In the books",
          end: true,
          cell: ({ books }) => <Units units={books} />,
        },
        { key: "lacks", label: "Lacking", end: true, cell: ({ lacks }) => <Units units={lacks} /> },
        {
          key: "act",
          label: "Book them",
          cell: (gap) => <BookForm tenantId={tenantId} gap={gap} />,
        },
      ]}
    />
  );
}

function BookForm({ tenantId, gap }: { tenantId: string; gap: RestoreGap }) {
  const { meter, day, undecided } = gap;
  if (undecided > 0n) {
    return (
      <span class="small">
        <Units units={undecided} /> units of that day are in the outbox: decide them first.
      </span>
    );
  }
  return (
    <Form
      action={moneyPath(tenantId)}
      class="stack-sm"
      label={`Book ${meterLabel(meter)} of ${day}`}
    >
      <HiddenFields fields={{ act: "book_gap", meter, day }} />
      <TextField
        scope={`gap-${meter}-${day}`}
        name="reason"
        label="Reason"
        maxLength={500}
        required
      />
      <Button size="sm">Book from Stripe’s word</Button>
    </Form>
  );
}
