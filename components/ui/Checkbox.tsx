import type { ComponentChildren } from "preact";

export interface CheckboxProps {
  readonly name: string;
  readonly value?: string;
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly checked?: boolean;
  readonly required?: boolean;
  readonly type?: "checkbox" | "radio";
}

export function Checkbox(props: CheckboxProps) {
  return (
    <label class="check">
      <input
        type={props.type ?? "checkbox"}
        name={props.name}
        value={props.value ?? "1"}
        checked={props.checked}
        required={props.required}
      />
      <span>{props.label}</span>
      {props.hint !== undefined && <span class="hint">{props.hint}</span>}
    </label>
  );
}
