import type { SignInMethod } from "@/lib/ports/sessions.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { Table } from "../ui/Table.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { SettingsFrame } from "./SettingsFrame.tsx";

export interface OperatorSessionsModel {
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly operatorId: string;
    readonly method: SignInMethod;
    readonly device: string;
    readonly ip: string | null;
    readonly createdAtMs: number;
    readonly lastSeenAtMs: number;
    readonly endsAtMs: number;
    readonly isCurrent: boolean;
    readonly isOwn: boolean;
  }[];
}

const PATH = "/operator/settings/sessions";

const METHODS: Readonly<Record<SignInMethod, string>> = {
  operator_token: "operator token",
  passkey: "passkey",
  oidc: "OpenID Connect",
  magic_link: "link",
  impersonation: "impersonation",
};

export function SessionsPage(
  { frame, model }: { frame: OperatorFrame; model: OperatorSessionsModel },
) {
  const hasOthers = model.sessions.some(({ isOwn, isCurrent }) => isOwn && !isCurrent);
  return (
    <SettingsFrame
      frame={frame}
      current={PATH}
      lede="Who is signed in to this console, from where. A session ends after an idle hour, and after twelve at most."
    >
      <Card
        title="Sessions"
        flush
        aside={hasOthers && (
          <Form action={PATH} class="">
            <input type="hidden" name="act" value="others" />
            <Button size="sm">End your other sessions</Button>
          </Form>
        )}
      >
        <Table
          caption="Sessions of operators, last seen first"
          rows={model.sessions}
          rowKey={({ sessionId }) => sessionId}
          empty={<EmptyState title="Nobody is signed in" icon="members" />}
          columns={[
            {
              key: "who",
              label: "Operator",
              header: true,
              cell: ({ operatorId, isCurrent }) => (
                <>
                  <bdi class="break">{operatorId}</bdi>{" "}
                  {isCurrent && <Badge tone="good" dot>this one</Badge>}
                </>
              ),
            },
            {
              key: "device",
              label: "From",
              cell: ({ device, ip }) => (
                <>
                  {device}
                  <div class="muted mono small break">{ip ?? "unknown address"}</div>
                </>
              ),
            },
            { key: "method", label: "Signed in by", cell: ({ method }) => METHODS[method] },
            {
              key: "since",
              label: "Since",
              cell: ({ createdAtMs }) => <DateTime atMs={createdAtMs} />,
            },
            {
              key: "seen",
              label: "Last seen",
              cell: ({ lastSeenAtMs }) => <DateTime atMs={lastSeenAtMs} style="relative" />,
            },
            { key: "ends", label: "Ends", cell: ({ endsAtMs }) => <DateTime atMs={endsAtMs} /> },
            {
              key: "actions",
              label: "Actions",
              actions: true,
              cell: ({ sessionId, operatorId, device, isCurrent }) =>
                isCurrent ? null : (
                  <Form action={PATH} class="">
                    <input type="hidden" name="act" value="end" />
                    <input type="hidden" name="session" value={sessionId} />
                    <Button size="sm" kind="danger">
                      End<span class="sr-only">: {operatorId}, {device}</span>
                    </Button>
                  </Form>
                ),
            },
          ]}
        />
      </Card>
    </SettingsFrame>
  );
}
