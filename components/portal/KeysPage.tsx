import type { ComponentChildren } from "preact";
import { Sparkline } from "../charts/Sparkline.tsx";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Checkbox } from "../ui/Checkbox.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextArea, TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { Snippets } from "./Snippets.tsx";
import type { SnippetTerms } from "./snippets.ts";

export type KeyState = "active" | "expiring" | "expired" | "revoked";

export interface KeyModel {
  readonly keyId: string;
  readonly name: string;
  readonly hint: string;
  readonly mode: "live" | "test";
  readonly state: KeyState;
  readonly scopes: readonly string[];
  readonly ipAllowList: readonly string[] | null;
  readonly createdAtMs: number;
  /** By its expiry, or after a rotation. */
  readonly endsAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  /** Units per day over the last 30 days, oldest first. */
  readonly daily: readonly number[];
}

export interface KeysModel {
  readonly keys: readonly KeyModel[];
  /** Scopes that the plan grants, the ones to choose from. */
  readonly scopes: readonly string[];
  /** A draft that was refused, with the words why. */
  readonly draft: {
    readonly name: string;
    readonly scopes: readonly string[];
    readonly ips: string;
    readonly expiry: string;
    readonly errors: Readonly<Record<string, string>>;
  } | null;
}

export function KeysPage({ frame, model }: { frame: PortalFrame; model: KeysModel }) {
  const edit = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/keys">
      <PageHeader
        title="API keys"
        lede="A key is shown once, when it is made. We keep only its fingerprint."
        actions={edit && <ButtonLink href="#new" kind="primary" icon="plus">New key</ButtonLink>}
      />
      <Card flush>
        <KeyTable keys={model.keys} edit={edit} />
      </Card>
      {edit && <NewKey model={model} />}
    </PortalPage>
  );
}

function KeyTable({ keys, edit }: { keys: readonly KeyModel[]; edit: boolean }) {
  const { locale } = useViewer();
  return (
    <>
      <Table
        caption="API keys"
        rows={keys}
        rowKey={(key) => key.keyId}
        empty={
          <EmptyState title="No key yet" icon="keys">
            <p class="small">Create one below; it is ready at once.</p>
          </EmptyState>
        }
        columns={[
          {
            key: "name",
            label: "Key",
            header: true,
            cell: (key) => (
              <>
                <bdi>{key.name}</bdi> {key.mode === "test" && <Badge>test</Badge>}
                <div class="muted mono nowrap">{key.hint}</div>
              </>
            ),
          },
          {
            key: "state",
            label: "State",
            cell: (key) => (
              <>
                <Badge tone={TONES[key.state]} dot>{key.state}</Badge>
                {key.endsAtMs !== null && key.state !== "revoked" && (
                  <div class="muted small">
                    {key.state === "expired" ? "since " : "until "}
                    <DateTime atMs={key.endsAtMs} />
                  </div>
                )}
              </>
            ),
          },
          {
            key: "scopes",
            label: "Scopes",
            cell: (key) => (
              <>
                <span class="break">{scopeWords(key.scopes)}</span>
                {key.ipAllowList !== null && (
                  <div class="muted small">from {key.ipAllowList.join(", ")}</div>
                )}
              </>
            ),
          },
          {
            key: "use",
            label: "Units, 30 days",
            cell: (key) => (
              <Sparkline
                values={key.daily}
                label={`${
                  formatUnits(key.daily.reduce((sum, one) => sum + one, 0), locale)
                } units in 30 days`}
              />
            ),
          },
          {
            key: "last",
            label: "Last used",
            cell: (key) =>
              key.lastUsedAtMs === null
                ? <span class="muted">never</span>
                : <DateTime atMs={key.lastUsedAtMs} style="relative" />,
          },
          {
            key: "actions",
            label: "Actions",
            actions: true,
            cell: (key) =>
              edit && (key.state === "active" || key.state === "expiring")
                ? <KeyActions apiKey={key} />
                : null,
          },
        ]}
      />
    </>
  );
}

function scopeWords(scopes: readonly string[]): string {
  return scopes.includes("*") ? "all" : scopes.join(", ");
}

const TONES: Readonly<Record<KeyState, Tone>> = {
  active: "good",
  expiring: "warn",
  expired: "neutral",
  revoked: "bad",
};

function KeyActions({ apiKey }: { apiKey: KeyModel }) {
  const { keyId, name } = apiKey;
  return (
    <>
      <Button size="sm" icon="rotate" opens={`rotate-${keyId}`}>
        Rotate<span class="sr-only">{name}</span>
      </Button>{" "}
      <Button size="sm" kind="danger" opens={`revoke-${keyId}`}>
        Revoke<span class="sr-only">{name}</span>
      </Button>
      <Dialog id={`rotate-${keyId}`} title={`Rotate ${name}`}>
        <Form action={`/portal/keys/${encodeURIComponent(keyId)}/rotate`}>
          <p>A new key is made with the same scopes. The old one goes on working for a while.</p>
          <Select
            scope={`rotate-${keyId}`}
            name="grace"
            label="The old key stops"
            value="86400"
            options={[
              { value: "0", label: "at once" },
              { value: "900", label: "in 15 minutes" },
              { value: "3600", label: "in an hour" },
              { value: "86400", label: "in a day" },
              { value: "604800", label: "in a week" },
            ]}
          />
          <div class="form-actions">
            <Button kind="primary">Rotate</Button>
          </div>
        </Form>
      </Dialog>
      <Dialog id={`revoke-${keyId}`} title={`Revoke ${name}`}>
        <ConfirmForm
          id={`revoke-${keyId}`}
          action={`/portal/keys/${encodeURIComponent(keyId)}/revoke`}
          phrase="revoke"
          submit="Revoke this key"
        >
          <p>
            Calls with <code>{apiKey.hint}</code>{" "}
            are refused from the next one on, everywhere. This can't be undone.
          </p>
        </ConfirmForm>
      </Dialog>
    </>
  );
}

function NewKey({ model }: { model: KeysModel }) {
  const draft = model.draft;
  const errors = draft?.errors ?? {};
  return (
    <Card title="New key" id="new">
      <Form action="/portal/keys">
        {draft !== null && (
          <Notice tone="bad" title="The key was not made">{firstOf(errors)}</Notice>
        )}
        <div class="fields">
          <TextField
            name="name"
            label="Name"
            required
            maxLength={80}
            value={draft?.name ?? ""}
            placeholder="Pricing service"
            error={errors["name"]}
          />
          <Select
            name="expiry"
            label="Expires"
            value={draft?.expiry ?? ""}
            options={[
              { value: "", label: "Never" },
              { value: "30", label: "In 30 days" },
              { value: "90", label: "In 90 days" },
              { value: "365", label: "In a year" },
            ]}
          />
        </div>
        <fieldset class="stack-sm">
          <legend class="small">Scopes</legend>
          <div class="fields">
            {model.scopes.map((scope) => (
              <Checkbox
                key={scope}
                name="scopes"
                value={scope}
                label={<code>{scope}</code>}
                checked={draft === null ? scope !== "events:write" : draft.scopes.includes(scope)}
              />
            ))}
          </div>
        </fieldset>
        <TextArea
          name="ips"
          label="Allowed addresses"
          rows={2}
          value={draft?.ips ?? ""}
          placeholder="203.0.113.0/24"
          error={errors["ips"]}
          hint="One address or CIDR range a line. Empty means any."
        />
        <div class="form-actions">
          <Button kind="primary">Create key</Button>
        </div>
      </Form>
    </Card>
  );
}

function firstOf(errors: Readonly<Record<string, string>>): string {
  return Object.values(errors)[0] ?? "";
}

export interface KeyCreatedModel extends SnippetTerms {
  readonly name: string;
  readonly secret: string;
  /** After a rotation: when the old key stops. */
  readonly previousEndsAtMs: number | null;
}

/** The one page that ever shows the secret. `copy` is an island; without it one selects by hand. */
export function KeyCreatedPage(
  { frame, model, copy }: {
    frame: PortalFrame;
    model: KeyCreatedModel;
    copy?: (text: string) => ComponentChildren;
  },
) {
  return (
    <PortalPage frame={frame} current="/portal/keys">
      <PageHeader
        title={`Key for ${model.name}`}
        crumbs={[{ href: "/portal/keys", label: "API keys" }]}
      />
      <Notice tone="warn" title="Copy it now. It won't be shown again.">
        We store only a fingerprint, so nobody can look it up later.
      </Notice>
      <div class="secret">
        <code>{model.secret}</code>
        {copy?.(model.secret)}
      </div>
      {model.previousEndsAtMs !== null && (
        <p>
          The old key stops at <DateTime atMs={model.previousEndsAtMs} />.
        </p>
      )}
      <div class="row">
        <ButtonLink href="/portal/keys" kind="primary">I have stored it</ButtonLink>
      </div>
      <h2>Try it</h2>
      <Snippets terms={model} {...(copy === undefined ? {} : { copy })} />
    </PortalPage>
  );
}
