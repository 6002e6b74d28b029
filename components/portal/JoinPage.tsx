import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface JoinModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly tenantId: string;
  readonly invitationId: string;
  readonly code: string;
  readonly name: string;
  readonly error: string | null;
}

export function JoinPage(model: JoinModel) {
  const say = sayIn(model.viewer.locale);
  return (
    <PublicShell viewer={model.viewer} theme={model.theme}>
      <div class="narrow stack">
        <h1>{say("accept_invitation")}</h1>
        <Card>
          {model.error !== null && <Notice tone="bad">{model.error}</Notice>}
          <Form action="/portal/join">
            <input type="hidden" name="tenant" value={model.tenantId} />
            <input type="hidden" name="invitation" value={model.invitationId} />
            <input type="hidden" name="code" value={model.code} />
            <TextField
              name="name"
              label={say("your_name")}
              required
              maxLength={100}
              autocomplete="name"
              value={model.name}
              hint={say("your_name_hint")}
            />
            <div class="form-actions">
              <Button kind="primary">{say("join")}</Button>
            </div>
          </Form>
        </Card>
      </div>
    </PublicShell>
  );
}
