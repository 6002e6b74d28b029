import type { ComponentChildren } from "preact";

export interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
}

/** Ids that tie a control to its label, hint and error. */
export interface FieldIds {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: "true" | undefined;
}

/** The frame of one control; `control` gets the ids that make it accessible. */
export function FieldFrame(
  { field, scope, control }: {
    field: FieldProps;
    scope: string;
    control: (ids: FieldIds) => ComponentChildren;
  },
) {
  const { label, name, hint, error } = field;
  const id = `${scope}-${name}`;
  const described = [
    hint === undefined ? null : `${id}-hint`,
    error === undefined ? null : `${id}-error`,
  ].filter((part) => part !== null).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control({
        id,
        describedBy: described === "" ? undefined : described,
        invalid: error === undefined ? undefined : "true",
      })}
      {hint !== undefined && <span class="hint" id={`${id}-hint`}>{hint}</span>}
      {error !== undefined && <span class="error" id={`${id}-error`}>{error}</span>}
    </div>
  );
}

export interface TextFieldProps extends FieldProps {
  /** Distinguishes fields of one name on one page. */
  readonly scope?: string;
  readonly value?: string;
  readonly type?:
    | "text"
    | "email"
    | "url"
    | "number"
    | "search"
    | "date"
    | "datetime-local"
    | "color"
    | "password";
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly inputMode?: "numeric" | "decimal" | "email" | "url" | "text";
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly min?: string;
  readonly max?: string;
  readonly step?: string;
  readonly list?: readonly string[];
  readonly spellcheck?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { scope = "f", list } = props;
  return (
    <FieldFrame
      field={props}
      scope={scope}
      control={({ id, describedBy, invalid }) => (
        <>
          <input
            class="input"
            id={id}
            name={props.name}
            type={props.type ?? "text"}
            value={props.value}
            required={props.required}
            readOnly={props.readOnly}
            placeholder={props.placeholder}
            autocomplete={props.autocomplete ?? "off"}
            inputMode={props.inputMode}
            pattern={props.pattern}
            maxLength={props.maxLength}
            min={props.min}
            max={props.max}
            step={props.step}
            spellcheck={props.spellcheck}
            list={list === undefined ? undefined : `${id}-list`}
            aria-describedby={describedBy}
            aria-invalid={invalid}
          />
          {list !== undefined && (
            <datalist id={`${id}-list`}>
              {list.map((option) => <option key={option} value={option} />)}
            </datalist>
          )}
        </>
      )}
    />
  );
}

export function TextArea(
  props: FieldProps & {
    scope?: string;
    value?: string;
    rows?: number;
    required?: boolean;
    placeholder?: string;
    maxLength?: number;
  },
) {
  return (
    <FieldFrame
      field={props}
      scope={props.scope ?? "f"}
      control={({ id, describedBy, invalid }) => (
        <textarea
          class="input"
          id={id}
          name={props.name}
          rows={props.rows ?? 4}
          required={props.required}
          placeholder={props.placeholder}
          maxLength={props.maxLength}
          aria-describedby={describedBy}
          aria-invalid={invalid}
        >
          {props.value ?? ""}
        </textarea>
      )}
    />
  );
}

export function FileField(
  props: FieldProps & { scope?: string; accept?: string; required?: boolean },
) {
  return (
    <FieldFrame
      field={props}
      scope={props.scope ?? "f"}
      control={({ id, describedBy, invalid }) => (
        <input
          class="input"
          id={id}
          name={props.name}
          type="file"
          accept={props.accept}
          required={props.required}
          aria-describedby={describedBy}
          aria-invalid={invalid}
        />
      )}
    />
  );
}
