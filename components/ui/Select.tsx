import { FieldFrame, type FieldProps } from "./Field.tsx";

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface SelectProps extends FieldProps {
  readonly scope?: string;
  readonly value?: string | undefined;
  readonly options: readonly Option[];
  readonly required?: boolean;
}

export function Select(props: SelectProps) {
  return (
    <FieldFrame
      field={props}
      scope={props.scope ?? "f"}
      control={({ id, describedBy, invalid }) => (
        <select
          class="input"
          id={id}
          name={props.name}
          required={props.required}
          aria-describedby={describedBy}
          aria-invalid={invalid}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === props.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    />
  );
}
