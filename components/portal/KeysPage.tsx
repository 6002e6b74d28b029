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
import { LastTime } from "../ui/LastTime.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { phrase } from "../ui/phrase.ts";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { Snippets } from "./Snippets.tsx";
import type { SnippetTerms } from "./snippets.ts";
import { useWords, wordsIn } from "./words.ts";

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
  const { say } = wordsIn(frame.viewer.locale);
  const edit = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/keys">
      <PageHeader
        title={say("nav_keys")}
        lede={say("keys_lede")}
        actions={edit && (
          <ButtonLink href="#new" kind="primary" icon="plus">{say("new_key")}</ButtonLink>
        )}
      />
      <Card flush>
        <KeyTable keys={model.keys} edit={edit} />
      </Card>
      {edit && <NewKey model={model} />}
    </PortalPage>
  );
}

function KeyTable({ keys, edit }: { keys: readonly KeyModel[]; edit: boolean }) {
  const { say, count } = useWords();
  return (
    <>
      <Table
        caption={say("nav_keys")}
        rows={keys}
        rowKey={(key) => key.keyId}
        empty={
          <EmptyState title={say("no_key_yet")} icon="keys">
            <p class="small">{say(edit ? "no_key_create" : "no_key_ask")}</p>
          </EmptyState>
        }
        columns={[
          {
            key: "name",
            label: say("key"),
            header: true,
            cell: (key) => (
              <>
                <bdi>{key.name}</bdi> {key.mode === "test" && <Badge>{say("test_key")}</Badge>}
                <div class="muted mono nowrap">{key.hint}</div>
              </>
            ),
          },
          {
            key: "state",
            label: say("state"),
            cell: (key) => (
              <>
                <Badge tone={TONES[key.state]} dot>{say(`key_${key.state}`)}</Badge>
                {key.endsAtMs !== null && key.state !== "revoked" && (
                  <div class="muted small">
                    {phrase(say(key.state === "expired" ? "key_since" : "key_until"), {
                      time: <DateTime atMs={key.endsAtMs} />,
                    })}
                  </div>
                )}
              </>
            ),
          },
          {
            key: "scopes",
            label: say("scopes"),
            cell: (key) => (
              <>
                <span class="break mono small">
                  {key.scopes.includes("*") ? say("scopes_all") : key.scopes.join(", ")}
                </span>
                {key.ipAllowList !== null && (
                  <div class="muted small break">
                    {say("from_addresses", { addresses: key.ipAllowList.join(", ") })}
                  </div>
                )}
              </>
            ),
          },
          {
            key: "use",
            label: say("units_30_days"),
            cell: (key) => (
              <Sparkline
                values={key.daily}
                label={count(
                  "units_in_30_days",
                  key.daily.reduce((sum, one) => sum + one, 0),
                )}
              />
            ),
          },
          {
            key: "last",
            label: say("last_used"),
            cell: (key) => <LastTime atMs={key.lastUsedAtMs} />,
          },
          {
            key: "actions",
            label: say("actions"),
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

const TONES: Readonly<Record<KeyState, Tone>> = {
  active: "good",
  expiring: "warn",
  expired: "neutral",
  revoked: "bad",
};

/** Seconds for which a rotated key goes on working. */
const GRACES = ["0", "900", "3600", "86400", "604800"] as const;

function KeyActions({ apiKey }: { apiKey: KeyModel }) {
  const { say } = useWords();
  const { keyId, name } = apiKey;
  return (
    <>
      <Button size="sm" icon="rotate" opens={`rotate-${keyId}`}>
        {say("rotate")}
        <span class="sr-only">{name}</span>
      </Button>{" "}
      <Button size="sm" kind="danger" opens={`revoke-${keyId}`}>
        {say("revoke")}
        <span class="sr-only">{name}</span>
      </Button>
      <Dialog id={`rotate-${keyId}`} title={say("rotate_key", { key: name })}>
        <Form action={`/portal/keys/${encodeURIComponent(keyId)}/rotate`}>
          <p>{say("rotate_text")}</p>
          <Select
            scope={`rotate-${keyId}`}
            name="grace"
            label={say("old_key_stops")}
            value="86400"
            options={GRACES.map((value) => ({ value, label: say(`grace_${value}`) }))}
          />
          <div class="form-actions">
            <Button kind="primary">{say("rotate")}</Button>
          </div>
        </Form>
      </Dialog>
      <Dialog id={`revoke-${keyId}`} title={say("revoke_key", { key: name })}>
        <ConfirmForm
          id={`revoke-${keyId}`}
          action={`/portal/keys/${encodeURIComponent(keyId)}/revoke`}
          phrase="revoke"
          submit={say("revoke_this_key")}
        >
          <p>
            {phrase(say("revoke_text"), { key: <code>{apiKey.hint}</code> })}
          </p>
        </ConfirmForm>
      </Dialog>
    </>
  );
}

function NewKey({ model }: { model: KeysModel }) {
  const { say } = useWords();
  const draft = model.draft;
  const errors = draft?.errors ?? {};
  return (
    <Card title={say("new_key")} id="new">
      <Form action="/portal/keys">
        {draft !== null && <Notice tone="bad" title={say("key_not_made")}>{firstOf(errors)}
        </Notice>}
        <div class="fields">
          <TextField
            name="name"
            label={say("key_name")}
            required
            maxLength={80}
            value={draft?.name ?? ""}
            placeholder={say("key_name_example")}
            error={errors["name"]}
          />
          <Select
            name="expiry"
            label={say("expires")}
            value={draft?.expiry ?? ""}
            options={[
              { value: "", label: say("expires_never") },
              { value: "30", label: say("expires_30") },
              { value: "90", label: say("expires_90") },
              { value: "365", label: say("expires_365") },
            ]}
          />
        </div>
        <fieldset class="stack-sm">
          <legend class="small">{say("scopes")}</legend>
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
          label={say("allowed_addresses")}
          rows={2}
          value={draft?.ips ?? ""}
          placeholder="203.0.113.0/24"
          error={errors["ips"]}
          hint={say("allowed_addresses_hint")}
        />
        <div class="form-actions">
          <Button kind="primary">{say("create_key")}</Button>
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
  const { say } = wordsIn(frame.viewer.locale);
  return (
    <PortalPage frame={frame} current="/portal/keys">
      <PageHeader
        title={say("key_for", { name: model.name })}
        crumbs={[{ href: "/portal/keys", label: say("nav_keys") }]}
      />
      <Notice tone="warn" title={say("copy_now")}>{say("copy_now_text")}</Notice>
      <div class="secret">
        <code>{model.secret}</code>
        {copy?.(model.secret)}
      </div>
      {model.previousEndsAtMs !== null && (
        <p>
          {phrase(say("old_key_stops_at"), { time: <DateTime atMs={model.previousEndsAtMs} /> })}
        </p>
      )}
      <div class="row">
        <ButtonLink href="/portal/keys" kind="primary">{say("stored_it")}</ButtonLink>
      </div>
      <h2>{say("try_it")}</h2>
      <Snippets terms={model} {...(copy === undefined ? {} : { copy })} />
    </PortalPage>
  );
}
