import type { ComponentChildren } from "preact";
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
  /** What did not work, and where. */
  readonly error: {
    readonly at: "token" | "passkey" | "provider" | "link";
    readonly detail: string;
  } | null;
  readonly reason: "expired" | "step_up" | null;
  /** Path to go to afterwards. */
  readonly next: string;
  /** The code of a sandbox's link, to be used by a button; `null` without one. */
  readonly code: string | null;
  /** The OpenID Connect provider, where one is configured. */
  readonly provider: { readonly name: string; readonly href: string } | null;
  /** The address at which passkeys work; `null` when it is this one. */
  readonly passkeysAt: string | null;
}

/** `children`: the button that asks the browser for a passkey. */
export function SignInPage(
  props: OperatorSignInModel & { readonly children: ComponentChildren },
) {
  const { viewer, theme, error, reason, next, code, provider, passkeysAt, children } = props;
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>Operator console</h1>
        {reason === "step_up" && (
          <Notice>This needs a fresh proof that it is you: sign in once more.</Notice>
        )}
        {reason === "expired" && <Notice>Sign in to go on. A session lasts an idle hour.</Notice>}
        {error !== null && error.at !== "token" && <Notice tone="bad">{error.detail}.</Notice>}
        {code !== null && (
          <Card title="Sandbox link">
            <Form action="/operator/sign-in/link">
              <input type="hidden" name="code" value={code} />
              <input type="hidden" name="next" value={next} />
              <p class="small">It signs you in on this device, once.</p>
              <div class="form-actions">
                <Button kind="primary">Continue</Button>
              </div>
            </Form>
          </Card>
        )}
        <Card title="Passkey">
          {passkeysAt === null
            ? (
              <Form action="/operator/sign-in/passkey">
                <input type="hidden" name="next" value={next} />
                <div class="form-actions">{children}</div>
                <noscript>
                  <p class="small">A passkey needs JavaScript; the other ways in don’t.</p>
                </noscript>
              </Form>
            )
            : (
              <p class="small">
                Browsers bind passkeys to a name: <a href={passkeysAt}>use them at that address</a>.
              </p>
            )}
        </Card>
        {provider !== null && (
          <Card title="OpenID Connect">
            <div class="form-actions">
              <a class="btn" href={provider.href}>Sign in with {provider.name}</a>
            </div>
          </Card>
        )}
        <Card title="Token">
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
              error={error?.at === "token" ? error.detail : undefined}
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
