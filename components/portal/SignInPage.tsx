import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { phrase } from "../ui/phrase.ts";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import { useSay, type Viewer } from "../ui/viewer.ts";

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
  readonly providers: readonly { readonly name: string; readonly href: string }[];
}

export function SignInPage(props: SignInModel) {
  const { state } = props;
  const say = sayIn(props.viewer.locale);
  return (
    <PublicShell viewer={props.viewer} theme={props.theme}>
      <div class="narrow stack">
        <h1>{say(state.kind === "sent" ? "look_in_mail" : "sign_in")}</h1>
        {props.reason === "step_up" && <Notice>{say("fresh_proof")}</Notice>}
        {props.reason === "expired" && <Notice>{say("session_ended")}</Notice>}
        {props.reason === "provider_failed" && <Notice tone="bad">{say("provider_failed")}</Notice>}
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
  const say = useSay();
  return (
    <Card>
      <Form action="/portal/sign-in">
        <input type="hidden" name="next" value={next} />
        <TextField
          name="email"
          label={say("work_email")}
          type="email"
          value={email}
          required
          autocomplete="email"
          maxLength={254}
          error={error ?? undefined}
          hint={say("link_hint")}
        />
        <div class="form-actions">
          <Button kind="primary">{say("send_link")}</Button>
          {providers.map((provider) => (
            <a key={provider.href} class="btn" href={provider.href}>
              {say("sign_in_with", { provider: provider.name })}
            </a>
          ))}
        </div>
      </Form>
    </Card>
  );
}

function Sent({ email, link }: { email: string; link: string | null }) {
  const say = useSay();
  return (
    <>
      <p>{phrase(say("link_sent"), { email: <bdi class="strong break">{email}</bdi> })}</p>
      {link !== null && (
        <Notice tone="warn" title={say("sandbox_no_mail")}>
          <a href={link}>{say("open_link_here")}</a>
        </Notice>
      )}
      <p class="small">
        <a href="/portal/sign-in">{say("another_address")}</a>
      </p>
    </>
  );
}

function Confirm(
  { token, error, next }: { token: string; error: string | null; next: string },
) {
  const say = useSay();
  return (
    <Card>
      {error !== null && (
        <Notice tone="bad">
          {error}. <a href="/portal/sign-in">{say("new_link")}</a>
        </Notice>
      )}
      <Form action="/portal/sign-in/confirm">
        <input type="hidden" name="next" value={next} />
        {token === ""
          ? (
            <TextField
              name="token"
              label={say("link_from_mail")}
              required
              maxLength={400}
              spellcheck={false}
              hint={say("link_from_mail_hint")}
            />
          )
          : <input type="hidden" name="token" value={token} />}
        <p>{say("link_signs_in")}</p>
        <div class="form-actions">
          <Button kind="primary">{say("continue")}</Button>
        </div>
      </Form>
    </Card>
  );
}
