import { RESTORED_UNCLEAR } from "@/lib/domain/outbox.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { formatUnits } from "../../ui/format.ts";
import { useViewer } from "../../ui/viewer.ts";
import type { DecisionForm, EntryModel } from "./EntryPage.tsx";
import { entryPath } from "./outbox_path.ts";

/** Typed to give units up for good. */
export const WRITE_OFF_PHRASE = "write off";

/** What a person may do with an entry that is held or doubtful. */
export function EntryDecisions({ model }: { model: EntryModel }) {
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

function retryNote({ burnt, reason }: EntryModel["entry"]): string {
  if (burnt) return "The identifier is used up at Stripe, so the units go out under a new one.";
  if (reason === RESTORED_UNCLEAR) {
    return "Stripe is asked again first, since it may have these units. While it is in doubt, for an " +
      "hour, you can settle it by hand.";
  }
  return "For when the cause is gone. Where an attempt may have arrived, Stripe is asked first.";
}

function Retry({ model }: { model: EntryModel }) {
  const { entry } = model;
  return (
    <Card
      title="Send again"
      note={retryNote(entry)}
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
