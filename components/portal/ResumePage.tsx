import { sayIn } from "@/lib/i18n/portal/messages.ts";
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

/** A form that could not be acted on: nothing was done, and nothing that was typed is lost. */
export function ResumePage(
  { viewer, theme, action, fields, shown, reason, signInHref }: ResumeModel,
) {
  const say = sayIn(viewer.locale);
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="narrow stack">
        <h1>{say(`resume_${reason}_title`)}</h1>
        <Card>
          <p>{say(`resume_${reason}`)}</p>
          {reason !== "signed_in" && (
            <div class="form-actions">
              <ButtonLink href={signInHref} kind="primary" external>
                {say("sign_in_new_tab")}
              </ButtonLink>
            </div>
          )}
          <Form action={action}>
            {fields.map(([name, value], at) => (
              <input key={at} type="hidden" name={name} value={value} />
            ))}
            <div class="form-actions">
              <Button kind={reason === "signed_in" ? "primary" : "plain"}>
                {say("send_again")}
              </Button>
            </div>
          </Form>
          {shown.length > 0 && (
            <details class="small">
              <summary>{say("what_will_be_sent")}</summary>
              <dl class="facts">
                {shown.map(([name, value], at) => (
                  <>
                    <dt key={`t${at}`}>{name.replaceAll("_", " ")}</dt>
                    <dd key={`d${at}`} class="break">
                      {value === "" ? say("empty_value") : value}
                    </dd>
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
