import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Form } from "../ui/Form.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

/** Why the form was not acted on. */
export type ResumeReason = "signed_out" | "signed_in" | "step_up";

export interface ResumeModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly action: string;
  /** All that is sent again. */
  readonly fields: readonly (readonly [string, string])[];
  /** Of these, what people entered. */
  readonly shown: readonly (readonly [string, string])[];
  readonly reason: ResumeReason;
  readonly signInHref: string;
}

const WORDS: Readonly<Record<ResumeReason, { readonly title: string; readonly text: string }>> = {
  signed_out: {
    title: "Your session has ended",
    text:
      "Nothing was done yet, and what you entered is kept on this page. Sign in in another tab, then send it from here.",
  },
  signed_in: {
    title: "Send it again",
    text: "The form was made before you signed in. Nothing was done yet; this sends it as it was.",
  },
  step_up: {
    title: "Prove that it is you",
    text:
      "This needs a fresh proof, and you signed in a while ago. Nothing was done yet, and what you entered is kept on this page. Sign in once more in another tab, then send it from here.",
  },
};

/** A form that could not be acted on: nothing was done, and nothing that was typed is lost. */
export function ResumePage(
  { viewer, theme, action, fields, shown, reason, signInHref }: ResumeModel,
) {
  const { title, text } = WORDS[reason];
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>{title}</h1>
        <Card>
          <p>{text}</p>
          {reason !== "signed_in" && (
            <ButtonLink href={signInHref} kind="primary" external>
              Sign in in a new tab
            </ButtonLink>
          )}
          <Form action={action}>
            {fields.map(([name, value], at) => (
              <input key={at} type="hidden" name={name} value={value} />
            ))}
            <div class="form-actions">
              <Button kind={reason === "signed_in" ? "primary" : "plain"}>Send it again</Button>
            </div>
          </Form>
          {shown.length > 0 && (
            <details class="small">
              <summary>What will be sent</summary>
              <dl class="facts">
                {shown.map(([name, value], at) => (
                  <>
                    <dt key={`t${at}`}>{name.replaceAll("_", " ")}</dt>
                    <dd key={`d${at}`} class="break">{value === "" ? "empty" : value}</dd>
                  </>
                ))}
              </dl>
            </details>
          )}
        </Card>
      </div>
    </PublicShell>
  );
}
