import type { Member } from "@/lib/ports/members.ts";
import type { KeyModel } from "../portal/KeysPage.tsx";
import { Sparkline } from "../charts/Sparkline.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { LastTime } from "../ui/LastTime.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { tenantPath } from "./TenantLink.tsx";
import { type TenantFrame, TenantPage } from "./TenantPage.tsx";

export interface TenantKeysModel {
  readonly keys: readonly KeyModel[];
  /** A key just made: the only time that its secret is shown. */
  readonly created: { readonly name: string; readonly secret: string } | null;
  readonly draft: {
    readonly name: string;
    readonly mode: "live" | "test";
    readonly error: string | null;
  };
}

export function TenantKeysPage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantKeysModel },
) {
  const path = tenantPath(head.tenantId, "keys");
  return (
    <TenantPage frame={frame} head={head} tab="keys">
      {model.created !== null && (
        <>
          <Notice tone="warn" title={`Key for ${model.created.name}: copy it now`}>
            It won't be shown again; only its fingerprint is kept.
          </Notice>
          <div class="secret">
            <code>{model.created.secret}</code>
          </div>
        </>
      )}
      <Card title="API keys" flush>
        <KeyTable keys={model.keys} path={path} />
      </Card>
      <Card title="New key" note="With every scope that the plan grants.">
        <Form action={path}>
          <input type="hidden" name="act" value="create" />
          <div class="fields">
            <TextField
              name="name"
              label="Name"
              required
              maxLength={80}
              value={model.draft.name}
              error={model.draft.error ?? undefined}
            />
            <Select
              name="mode"
              label="Mode"
              value={model.draft.mode}
              options={[
                { value: "live", label: "Live, billed" },
                { value: "test", label: "Test, never billed" },
              ]}
            />
          </div>
          <div class="form-actions">
            <Button>Create key</Button>
          </div>
        </Form>
      </Card>
    </TenantPage>
  );
}

function KeyTable({ keys, path }: { keys: readonly KeyModel[]; path: string }) {
  const { locale } = useViewer();
  return (
    <Table
      caption="API keys"
      rows={keys}
      rowKey={({ keyId }) => keyId}
      empty={<EmptyState title="No key yet" icon="keys" />}
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
          cell: ({ state }) => (
            <Badge
              tone={state === "active" ? "good" : state === "expiring" ? "warn" : "neutral"}
              dot
            >
              {state}
            </Badge>
          ),
        },
        {
          key: "use",
          label: "Units, 30 days",
          cell: ({ daily }) => {
            const total = daily.reduce((sum, one) => sum + one, 0);
            return <Sparkline values={daily} label={`${formatUnits(total, locale)} units`} />;
          },
        },
        {
          key: "last",
          label: "Last used",
          cell: ({ lastUsedAtMs }) => <LastTime atMs={lastUsedAtMs} />,
        },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: (key) =>
            key.state !== "active" && key.state !== "expiring" ? null : (
              <>
                <Button size="sm" kind="danger" opens={`revoke-${key.keyId}`}>
                  Revoke<span class="sr-only">{key.name}</span>
                </Button>
                <Dialog id={`revoke-${key.keyId}`} title={`Revoke ${key.name}`}>
                  <ConfirmForm
                    id={`revoke-${key.keyId}`}
                    action={path}
                    phrase="revoke"
                    submit="Revoke this key"
                    fields={{ act: "revoke", key: key.keyId }}
                  >
                    <p>Calls with it are refused from the next one on. This can't be undone.</p>
                  </ConfirmForm>
                </Dialog>
              </>
            ),
        },
      ]}
    />
  );
}

export function TenantMembersPage(
  { frame, head, members, proveHref }: {
    frame: OperatorFrame;
    head: TenantFrame;
    members: readonly Member[];
    /** Where to prove again who one is before viewing as somebody; `null` when that is fresh. */
    proveHref: string | null;
  },
) {
  return (
    <TenantPage frame={frame} head={head} tab="members">
      <Card
        title="Members"
        flush
        note="Viewing as a member lasts at most an hour. It is written to the tenant's audit log before it begins, and the portal says so on every page."
      >
        <Table
          caption="Members"
          rows={members}
          rowKey={({ memberId }) => memberId}
          empty={<EmptyState title="Nobody can sign in to this tenant yet" icon="members" />}
          columns={[
            {
              key: "email",
              label: "Member",
              header: true,
              cell: ({ email, name }) => (
                <>
                  <bdi class="break">{email}</bdi>
                  {name !== email && <div class="muted small break">{name}</div>}
                </>
              ),
            },
            { key: "role", label: "Role", cell: ({ role }) => role },
            {
              key: "seen",
              label: "Last sign-in",
              cell: ({ lastSignInAtMs }) => <LastTime atMs={lastSignInAtMs} />,
            },
            {
              key: "actions",
              label: "Actions",
              actions: true,
              cell: ({ memberId, email }) =>
                proveHref === null
                  ? <ViewAs tenantId={head.tenantId} memberId={memberId} email={email} />
                  : (
                    <ButtonLink size="sm" href={proveHref}>
                      View as<span class="sr-only">{email}: sign in once more first</span>
                    </ButtonLink>
                  ),
            },
          ]}
        />
      </Card>
    </TenantPage>
  );
}

/** Why is asked first: the tenant reads it. */
function ViewAs(
  { tenantId, memberId, email }: { tenantId: string; memberId: string; email: string },
) {
  const id = `view-as-${memberId}`;
  return (
    <>
      <Button size="sm" opens={id}>
        View as<span class="sr-only">{email}</span>
      </Button>
      <Dialog id={id} title={`View as ${email}`}>
        <Form action={tenantPath(tenantId, "members")}>
          <input type="hidden" name="member" value={memberId} />
          <TextField
            scope={id}
            name="reason"
            label="Why"
            required
            maxLength={500}
            hint="Stands in the tenant’s audit log, which its members read."
          />
          <div class="form-actions">
            <Button kind="primary">Look through their eyes</Button>
          </div>
        </Form>
      </Dialog>
    </>
  );
}
