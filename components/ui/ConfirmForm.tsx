import type { ComponentChildren } from "preact";
import { Button } from "./Button.tsx";
import { TextField } from "./Field.tsx";
import { Form } from "./Form.tsx";
import { HiddenFields } from "./HiddenFields.tsx";
import { useSay } from "./viewer.ts";

export interface ConfirmFormProps {
  readonly action: string;
  readonly id: string;
  /** What happens, in a sentence. */
  readonly children: ComponentChildren;
  /** Word to type; the server compares it again. `null` for acts that can be undone. */
  readonly phrase: string | null;
  readonly submit: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** A destructive act: says what it does and, where it can't be undone, asks for the word. */
export function ConfirmForm(props: ConfirmFormProps) {
  const { phrase } = props;
  const say = useSay();
  return (
    <Form action={props.action}>
      <HiddenFields fields={props.fields ?? {}} />
      <div class="stack-sm">{props.children}</div>
      {phrase !== null && (
        <TextField
          scope={props.id}
          name="confirmation"
          label={say("type_to_confirm", { phrase })}
          pattern={escapePattern(phrase)}
          required
          spellcheck={false}
        />
      )}
      <div class="form-actions">
        <Button kind="danger">{props.submit}</Button>
      </div>
    </Form>
  );
}

/** `pattern` is a regular expression under the `v` flag, which takes no needless backslash. */
function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
