import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { LastTime } from "../ui/LastTime.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { mayEdit, type MemberRole, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { useWords, type Words, wordsIn } from "./words.ts";

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
    /** Their e-mail; `null`: no member any more. */
    readonly invitedBy: string | null;
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

const ROLES = ["viewer", "admin", "owner"] as const;

function roleOptions({ say }: Words) {
  return ROLES.map((value) => ({ value, label: say(`role_option_${value}`) }));
}

export function MembersPage({ frame, model }: { frame: PortalFrame; model: MembersModel }) {
  const words = wordsIn(frame.viewer.locale);
  const { say } = words;
  const owner = frame.member.role === "owner";
  const mayInvite = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/members">
      <PageHeader title={say("nav_members")} lede={say("members_lede")} />
      <Card flush>
        <MemberTable model={model} owner={owner} />
      </Card>
      {model.invitations.length > 0 && (
        <Card title={say("invited")} flush>
          <InvitationTable model={model} mayRevoke={mayInvite} />
        </Card>
      )}
      {mayInvite && (
        <Card title={say("invite_member")}>
          <Form action="/portal/members">
            <div class="fields">
              <TextField
                name="email"
                label={say("email")}
                type="email"
                required
                maxLength={254}
                value={model.invite.email}
                error={model.invite.error ?? undefined}
              />
              <Select
                scope="invite"
                name="role"
                label={say("role")}
                value={model.invite.role}
                options={roleOptions(words)}
              />
            </div>
            <div class="form-actions">
              <Button kind="primary">{say("invite")}</Button>
            </div>
          </Form>
        </Card>
      )}
      <Card
        title={say("your_sessions")}
        flush
        aside={model.sessions.some(({ isCurrent }) => !isCurrent) && (
          <Form action="/portal/members/sessions/end" class="">
            <input type="hidden" name="which" value="others" />
            <Button size="sm">{say("end_other_sessions")}</Button>
          </Form>
        )}
      >
        <SessionTable model={model} />
      </Card>
    </PortalPage>
  );
}

function MemberTable({ model, owner }: { model: MembersModel; owner: boolean }) {
  const { say } = useWords();
  return (
    <Table
      caption={say("nav_members")}
      rows={model.members}
      rowKey={(member) => member.memberId}
      empty={<EmptyState title={say("no_members")} icon="members" />}
      columns={[
        {
          key: "email",
          label: say("member"),
          header: true,
          cell: (member) => (
            <>
              <bdi>{member.name}</bdi> {member.isSelf && <Badge>{say("you")}</Badge>}
              <div class="muted break">{member.email}</div>
            </>
          ),
        },
        {
          key: "seen",
          label: say("last_sign_in"),
          cell: (member) => <LastTime atMs={member.lastSignInAtMs} />,
        },
        { key: "role", label: say("role"), cell: (member) => say(`role_${member.role}`) },
        {
          key: "actions",
          label: say("actions"),
          actions: true,
          cell: (member) => owner && !member.isSelf ? <MemberActions member={member} /> : null,
        },
      ]}
    />
  );
}

function InvitationTable({ model, mayRevoke }: { model: MembersModel; mayRevoke: boolean }) {
  const { say } = useWords();
  return (
    <Table
      caption={say("open_invitations")}
      rows={model.invitations}
      rowKey={(invitation) => invitation.invitationId}
      empty={null}
      columns={[
        {
          key: "email",
          label: say("email"),
          header: true,
          cell: (invitation) => <bdi>{invitation.email}</bdi>,
        },
        { key: "role", label: say("role"), cell: (invitation) => say(`role_${invitation.role}`) },
        {
          key: "by",
          label: say("invited_by"),
          cell: ({ invitedBy }) =>
            invitedBy === null
              ? <span class="muted">{say("invited_by_gone")}</span>
              : <bdi class="break">{invitedBy}</bdi>,
        },
        {
          key: "until",
          label: say("works_until"),
          cell: (invitation) => <DateTime atMs={invitation.expiresAtMs} />,
        },
        {
          key: "actions",
          label: say("actions"),
          actions: true,
          cell: (invitation) =>
            mayRevoke && (
              <Form action="/portal/members/invitations/revoke" class="">
                <input type="hidden" name="invitation_id" value={invitation.invitationId} />
                <Button size="sm">
                  {say("revoke")}
                  <span class="sr-only">{invitation.email}</span>
                </Button>
              </Form>
            ),
        },
      ]}
    />
  );
}

function MemberActions({ member }: { member: MemberModel }) {
  const words = useWords();
  const { say } = words;
  const path = `/portal/members/${encodeURIComponent(member.memberId)}`;
  return (
    <>
      <Button size="sm" opens={`member-${member.memberId}`}>
        {say("change")}
        <span class="sr-only">{member.email}</span>
      </Button>
      <Dialog id={`member-${member.memberId}`} title={member.email}>
        <Form action={path}>
          <input type="hidden" name="was" value={member.role} />
          <Select
            scope={member.memberId}
            name="role"
            label={say("role")}
            value={member.role}
            options={roleOptions(words)}
          />
          <div class="form-actions">
            <Button kind="primary">{say("save_role")}</Button>
          </div>
        </Form>
        <hr />
        <ConfirmForm
          id={`remove-${member.memberId}`}
          action={`${path}/remove`}
          phrase="remove"
          submit={say("remove_member")}
        >
          <p class="small">{say("remove_member_text")}</p>
        </ConfirmForm>
      </Dialog>
    </>
  );
}

function SessionTable({ model }: { model: MembersModel }) {
  const { say } = useWords();
  return (
    <Table
      caption={say("your_sessions")}
      rows={model.sessions}
      rowKey={(session) => session.sessionId}
      empty={<EmptyState title={say("no_other_session")} />}
      columns={[
        {
          key: "device",
          label: say("device"),
          header: true,
          cell: (session) => (
            <>
              <bdi>{session.device}</bdi>{" "}
              {session.isCurrent && <Badge tone="good">{say("this_one")}</Badge>}
              <div class="muted mono">{session.ip}</div>
            </>
          ),
        },
        {
          key: "since",
          label: say("signed_in_at"),
          cell: (session) => <DateTime atMs={session.createdAtMs} />,
        },
        {
          key: "seen",
          label: say("last_seen"),
          cell: (session) => <DateTime atMs={session.lastSeenAtMs} style="relative" />,
        },
        {
          key: "actions",
          label: say("actions"),
          actions: true,
          cell: (session) =>
            session.isCurrent ? null : (
              <Form action="/portal/members/sessions/end" class="">
                <input type="hidden" name="session_id" value={session.sessionId} />
                <Button size="sm">{say("end_session")}</Button>
              </Form>
            ),
        },
      ]}
    />
  );
}
