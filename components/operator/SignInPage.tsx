import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface OperatorSignInModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly error: string | null;
  readonly reason: "expired" | "step_up" | null;
  /** Path to go to afterwards. */
  readonly next: string;
}

export function SignInPage({ viewer, theme, error, reason, next }: OperatorSignInModel) {
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>Operator console</h1>
        {reason === "step_up" && (
          <Notice>This needs a fresh proof that it is you: sign in once more.</Notice>
        )}
        {reason === "expired" && <Notice>Sign in to go on. A session lasts an idle hour.</Notice>}
        <Card>
          <Form action="/operator/sign-in">
            <input type="hidden" name="next" value={next} />
            <TextField
              name="token"
              label="Operator token"
              type="password"
              required
              maxLength={200}
              autocomplete="current-password"
              spellcheck={false}
              error={error ?? undefined}
              hint="OPERATOR_TOKEN of this deployment; the sandbox prints its own when it starts."
            />
            <div class="form-actions">
              <Button kind="primary">Sign in</Button>
            </div>
          </Form>
        </Card>
      </div>
    </PublicShell>
  );
}
