import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Form } from "../ui/Form.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface ResumeModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly signedIn: boolean;
  readonly signInHref?: string;
}

/** The session ended while a form was open: nothing was done, and nothing that was typed is lost. */
export function ResumePage(
  { viewer, theme, action, fields, signedIn, signInHref = "/portal/sign-in" }: ResumeModel,
) {
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>{signedIn ? "Send it again" : "Your session has ended"}</h1>
        <Card>
          <p>
            {signedIn
              ? "The form was made before you signed in. Nothing was done yet; this sends it as it was."
              : "Nothing was done yet, and what you entered is kept on this page. Sign in in another tab, then send it from here."}
          </p>
          {!signedIn && (
            <ButtonLink href={signInHref} kind="primary" external>
              Sign in in a new tab
            </ButtonLink>
          )}
          <Form action={action}>
            {fields.map(([name, value], at) => (
              <input key={at} type="hidden" name={name} value={value} />
            ))}
            <div class="form-actions">
              <Button kind={signedIn ? "primary" : "plain"}>Send it again</Button>
            </div>
          </Form>
          <details class="small">
            <summary>What will be sent</summary>
            <dl class="facts">
              {fields.map(([name, value], at) => (
                <>
                  <dt key={`t${at}`}>{name}</dt>
                  <dd key={`d${at}`} class="break">{value}</dd>
                </>
              ))}
            </dl>
          </details>
        </Card>
      </div>
    </PublicShell>
  );
}
