import type { ComponentChildren } from "preact";
import type { Passkey } from "@/lib/ports/sessions.ts";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { LastTime } from "../ui/LastTime.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Table } from "../ui/Table.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { SettingsFrame } from "./SettingsFrame.tsx";

export interface PasskeysModel {
  readonly passkeys: readonly Passkey[];
  /** Where to prove again who one is before adding or removing; `null` when that is fresh. */
  readonly proveHref: string | null;
  /** The address at which passkeys work; `null` when it is this one. */
  readonly passkeysAt: string | null;
  readonly draft: string;
  readonly error: string | null;
}

const PATH = "/operator/settings/passkeys";

/** `children`: the button that asks the browser to make one. */
export function PasskeysPage(
  { frame, model, children }: {
    frame: OperatorFrame;
    model: PasskeysModel;
    children: ComponentChildren;
  },
) {
  return (
    <SettingsFrame
      frame={frame}
      current={PATH}
      lede="A passkey signs you in and proves that it is you, without a token that somebody could copy. It is yours alone; make one for each device."
    >
      {model.error !== null && (
        <Notice tone="bad" title="No passkey was added">{model.error}.</Notice>
      )}
      <Card title="Your passkeys" flush>
        <Table
          caption="Your passkeys"
          rows={model.passkeys}
          rowKey={({ credentialId }) => credentialId}
          empty={<EmptyState title="You have no passkey yet" icon="keys" />}
          columns={[
            {
              key: "name",
              label: "Passkey",
              header: true,
              cell: ({ name, credentialId }) => (
                <>
                  <bdi class="break">{name}</bdi>
                  <div class="muted mono small">{credentialId.slice(0, 12)}…</div>
                </>
              ),
            },
            {
              key: "created",
              label: "Added",
              cell: ({ createdAtMs }) => <DateTime atMs={createdAtMs} />,
            },
            {
              key: "used",
              label: "Last used",
              cell: ({ lastUsedAtMs }) => <LastTime atMs={lastUsedAtMs} />,
            },
            {
              key: "actions",
              label: "Actions",
              actions: true,
              cell: ({ credentialId, name }) => (
                <>
                  <Button size="sm" kind="danger" opens={`remove-${credentialId}`}>
                    Remove<span class="sr-only">{name}</span>
                  </Button>
                  <Dialog id={`remove-${credentialId}`} title={`Remove ${name}`}>
                    <ConfirmForm
                      id={`remove-${credentialId}`}
                      action={PATH}
                      phrase={null}
                      submit="Remove this passkey"
                      fields={{ act: "remove", credential: credentialId }}
                    >
                      <p>It signs nobody in from now on. Sessions that it began go on.</p>
                    </ConfirmForm>
                  </Dialog>
                </>
              ),
            },
          ]}
        />
      </Card>
      <Card title="Add a passkey">
        <AddForm model={model}>{children}</AddForm>
      </Card>
    </SettingsFrame>
  );
}

function AddForm({ model, children }: { model: PasskeysModel; children: ComponentChildren }) {
  if (model.passkeysAt !== null) {
    return (
      <p>
        Browsers bind passkeys to a name.{" "}
        <a href={model.passkeysAt}>Go on at that address</a>; you sign in there once more.
      </p>
    );
  }
  if (model.proveHref !== null) {
    return (
      <div class="row">
        <p>Adding one needs a fresh proof that it is you.</p>
        <ButtonLink href={model.proveHref} kind="primary">Sign in once more</ButtonLink>
      </div>
    );
  }
  return (
    <Form action={PATH}>
      <input type="hidden" name="act" value="add" />
      <TextField
        name="name"
        label="Name"
        required
        maxLength={100}
        value={model.draft}
        hint="Such as the device that holds it."
      />
      <div class="form-actions">{children}</div>
      <noscript>
        <p class="small">Making a passkey needs JavaScript.</p>
      </noscript>
    </Form>
  );
}
