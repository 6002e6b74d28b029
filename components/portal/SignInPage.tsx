import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface SignInModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly state:
    | { readonly kind: "form"; readonly email: string; readonly error: string | null }
    /** The same answer whether or not the address is known. `link` only in the sandbox. */
    | { readonly kind: "sent"; readonly email: string; readonly link: string | null }
    /** A link is used by a button, so that mail scanners that open links don't spend it. */
    | { readonly kind: "confirm"; readonly token: string; readonly error: string | null };
  /** Why one is asked, when one was signed in already. */
  readonly reason: "expired" | "step_up" | "provider_failed" | null;
  /** Path to go to afterwards. */
  readonly next: string;
  /** Other ways in, e.g. the tenant's own identity provider. */
  readonly providers: readonly { readonly label: string; readonly href: string }[];
}

export function SignInPage(props: SignInModel) {
  const { state } = props;
  return (
    <PublicShell viewer={props.viewer} theme={props.theme}>
      <div class="narrow stack">
        <h1>{state.kind === "sent" ? "Look in your mail" : "Sign in"}</h1>
        {props.reason === "step_up" && (
          <Notice>This needs a fresh proof that it is you: sign in once more.</Notice>
        )}
        {props.reason === "expired" && <Notice>Your session has ended. Sign in again.</Notice>}
        {props.reason === "provider_failed" && (
          <Notice tone="bad">
            Signing in did not work. Only who was invited can sign in; try again, or ask for a link.
          </Notice>
        )}
        {state.kind === "form" && <EmailForm {...props} email={state.email} error={state.error} />}
        {state.kind === "sent" && <Sent email={state.email} link={state.link} />}
        {state.kind === "confirm" && <Confirm {...state} next={props.next} />}
      </div>
    </PublicShell>
  );
}

function EmailForm(
  { email, error, next, providers }: SignInModel & { email: string; error: string | null },
) {
  return (
    <Card>
      <Form action="/portal/sign-in">
        <input type="hidden" name="next" value={next} />
        <TextField
          name="email"
          label="Work e-mail"
          type="email"
          value={email}
          required
          autocomplete="email"
          maxLength={254}
          error={error ?? undefined}
          hint="We send a link that works once, for 10 minutes, in this browser. There is no password."
        />
        <div class="form-actions">
          <Button kind="primary">Send the link</Button>
          {providers.map((provider) => (
            <a key={provider.href} class="btn" href={provider.href}>{provider.label}</a>
          ))}
        </div>
      </Form>
    </Card>
  );
}

function Sent({ email, link }: { email: string; link: string | null }) {
  return (
    <>
      <p>
        If <bdi class="strong">{email}</bdi>{" "}
        belongs to a member, a sign-in link is on its way. It works once, for 10 minutes, in this
        browser.
      </p>
      {link !== null && (
        <Notice tone="warn" title="Sandbox: no mail is sent">
          <a href={link}>Open the link here</a>
        </Notice>
      )}
      <p class="small">
        <a href="/portal/sign-in">Use another address</a>
      </p>
    </>
  );
}

function Confirm(
  { token, error, next }: { token: string; error: string | null; next: string },
) {
  return (
    <Card>
      {error !== null && (
        <Notice tone="bad">
          {error}. <a href="/portal/sign-in">Ask for a new link</a>
        </Notice>
      )}
      <Form action="/portal/sign-in/confirm">
        <input type="hidden" name="next" value={next} />
        {token === ""
          ? (
            <TextField
              name="token"
              label="Link from the mail"
              required
              maxLength={400}
              spellcheck={false}
              hint="Paste the whole link, or only its code."
            />
          )
          : <input type="hidden" name="token" value={token} />}
        <p>The link signs you in on this device. It can be used once.</p>
        <div class="form-actions">
          <Button kind="primary">Continue</Button>
        </div>
      </Form>
    </Card>
  );
}
