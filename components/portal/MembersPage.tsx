import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import {
  mayEdit,
  type MemberRole,
  type PortalFrame,
  PortalPage,
  ROLE_LABELS,
} from "./PortalPage.tsx";

export interface MemberModel {
  readonly memberId: string;
  readonly email: string;
  readonly name: string;
  readonly role: MemberRole;
  readonly lastSignInAtMs: number | null;
  readonly isSelf: boolean;
}

export interface MembersModel {
  readonly members: readonly MemberModel[];
  readonly invitations: readonly {
    readonly invitationId: string;
    readonly email: string;
    readonly role: MemberRole;
    readonly expiresAtMs: number;
  }[];
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly createdAtMs: number;
    readonly lastSeenAtMs: number;
    readonly device: string;
    readonly ip: string | null;
    readonly isCurrent: boolean;
  }[];
  /** A draft that was refused, and why. */
  readonly invite: {
    readonly email: string;
    readonly role: MemberRole;
    readonly error: string | null;
  };
}

const ROLE_OPTIONS = [
  { value: "viewer", label: "Viewer: looks" },
  { value: "admin", label: "Admin: keys, plan, settings" },
  { value: "owner", label: "Owner: members too" },
];

export function MembersPage({ frame, model }: { frame: PortalFrame; model: MembersModel }) {
  const owner = frame.member.role === "owner";
  const mayInvite = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/members">
      <PageHeader title="Members" lede="Who sees this portal, and what they may change." />
      <Card flush>
        <MemberTable model={model} owner={owner} />
      </Card>
      {model.invitations.length > 0 && (
        <Card title="Invited" flush>
          <InvitationTable model={model} mayRevoke={mayInvite} />
        </Card>
      )}
      {mayInvite && (
        <Card title="Invite a member">
          <Form action="/portal/members">
            <div class="fields">
              <TextField
                name="email"
                label="E-mail"
                type="email"
                required
                maxLength={254}
                value={model.invite.email}
                error={model.invite.error ?? undefined}
              />
              <Select
                scope="invite"
                name="role"
                label="Role"
                value={model.invite.role}
                options={ROLE_OPTIONS}
              />
            </div>
            <div class="form-actions">
              <Button kind="primary">Invite</Button>
            </div>
          </Form>
        </Card>
      )}
      <Card
        title="Your sessions"
        flush
        aside={model.sessions.some(({ isCurrent }) => !isCurrent) && (
          <Form action="/portal/members/sessions/end" class="">
            <input type="hidden" name="which" value="others" />
            <Button size="sm">End your other sessions</Button>
          </Form>
        )}
      >
        <SessionTable model={model} />
      </Card>
    </PortalPage>
  );
}

function MemberTable({ model, owner }: { model: MembersModel; owner: boolean }) {
  return (
    <Table
      caption="Members"
      rows={model.members}
      rowKey={(member) => member.memberId}
      empty={<EmptyState title="No members" icon="members" />}
      columns={[
        {
          key: "email",
          label: "Member",
          header: true,
          cell: (member) => (
            <>
              <bdi>{member.name}</bdi> {member.isSelf && <Badge>you</Badge>}
              <div class="muted break">{member.email}</div>
            </>
          ),
        },
        {
          key: "seen",
          label: "Last sign-in",
          cell: (member) =>
            member.lastSignInAtMs === null
              ? <span class="muted">never</span>
              : <DateTime atMs={member.lastSignInAtMs} style="relative" />,
        },
        { key: "role", label: "Role", cell: (member) => ROLE_LABELS[member.role] },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: (member) => owner && !member.isSelf ? <MemberActions member={member} /> : null,
        },
      ]}
    />
  );
}

function InvitationTable({ model, mayRevoke }: { model: MembersModel; mayRevoke: boolean }) {
  return (
    <Table
      caption="Open invitations"
      rows={model.invitations}
      rowKey={(invitation) => invitation.invitationId}
      empty={null}
      columns={[
        {
          key: "email",
          label: "E-mail",
          header: true,
          cell: (invitation) => <bdi>{invitation.email}</bdi>,
        },
        { key: "role", label: "Role", cell: (invitation) => ROLE_LABELS[invitation.role] },
        {
          key: "until",
          label: "Works until",
          cell: (invitation) => <DateTime atMs={invitation.expiresAtMs} />,
        },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: (invitation) =>
            mayRevoke && (
              <Form action="/portal/members/invitations/revoke" class="">
                <input type="hidden" name="invitation_id" value={invitation.invitationId} />
                <Button size="sm">
                  Revoke<span class="sr-only">{invitation.email}</span>
                </Button>
              </Form>
            ),
        },
      ]}
    />
  );
}

function MemberActions({ member }: { member: MemberModel }) {
  const path = `/portal/members/${encodeURIComponent(member.memberId)}`;
  return (
    <>
      <Button size="sm" opens={`member-${member.memberId}`}>
        Change<span class="sr-only">{member.email}</span>
      </Button>
      <Dialog id={`member-${member.memberId}`} title={member.email}>
        <Form action={path}>
          <input type="hidden" name="was" value={member.role} />
          <Select
            scope={member.memberId}
            name="role"
            label="Role"
            value={member.role}
            options={ROLE_OPTIONS}
          />
          <div class="form-actions">
            <Button kind="primary">Save role</Button>
          </div>
        </Form>
        <hr />
        <ConfirmForm
          id={`remove-${member.memberId}`}
          action={`${path}/remove`}
          phrase="remove"
          submit="Remove this member"
        >
          <p class="small">Signs them out everywhere at once.</p>
        </ConfirmForm>
      </Dialog>
    </>
  );
}

function SessionTable({ model }: { model: MembersModel }) {
  return (
    <Table
      caption="Your sessions"
      rows={model.sessions}
      rowKey={(session) => session.sessionId}
      empty={<EmptyState title="No other session" />}
      columns={[
        {
          key: "device",
          label: "Device",
          header: true,
          cell: (session) => (
            <>
              <bdi>{session.device}</bdi> {session.isCurrent && <Badge tone="good">this one</Badge>}
              <div class="muted mono">{session.ip}</div>
            </>
          ),
        },
        {
          key: "since",
          label: "Signed in",
          cell: (session) => <DateTime atMs={session.createdAtMs} />,
        },
        {
          key: "seen",
          label: "Last seen",
          cell: (session) => <DateTime atMs={session.lastSeenAtMs} style="relative" />,
        },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: (session) =>
            session.isCurrent ? null : (
              <Form action="/portal/members/sessions/end" class="">
                <input type="hidden" name="session_id" value={session.sessionId} />
                <Button size="sm">End</Button>
              </Form>
            ),
        },
      ]}
    />
  );
}
