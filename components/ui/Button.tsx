import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon.tsx";

export interface ButtonLook {
  readonly kind?: "primary" | "plain" | "danger" | "quiet";
  readonly size?: "md" | "sm";
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}

export interface ButtonProps extends ButtonLook {
  readonly type?: "submit" | "button";
  readonly name?: string;
  readonly value?: string;
  readonly disabled?: boolean;
  /** Id of the dialog that this button opens. */
  readonly opens?: string;
  /** Id of the dialog that this button closes. */
  readonly closes?: string;
  readonly formAction?: string;
}

export function Button(props: ButtonProps) {
  const { name, value, disabled = false, opens, closes, formAction } = props;
  const plain = props.type === "button" || opens !== undefined || closes !== undefined;
  return (
    <button
      class={lookOf(props)}
      type={plain ? "button" : "submit"}
      name={name}
      value={value}
      disabled={disabled}
      popovertarget={opens ?? closes}
      popovertargetaction={closes === undefined ? undefined : "hide"}
      formaction={formAction}
    >
      <Content {...props} />
    </button>
  );
}

export function ButtonLink(
  props: ButtonLook & { href: string; download?: boolean; external?: boolean },
) {
  return (
    <a
      class={lookOf(props)}
      href={props.href}
      download={props.download === true ? "" : undefined}
      rel={props.external === true ? "noopener noreferrer" : undefined}
      target={props.external === true ? "_blank" : undefined}
    >
      <Content {...props} />
    </a>
  );
}

function Content({ icon, children }: ButtonLook) {
  return (
    <>
      {icon !== undefined && <Icon name={icon} size={16} />}
      {children}
    </>
  );
}

function lookOf({ kind = "plain", size = "md" }: ButtonLook): string {
  return `btn btn-${kind}${size === "sm" ? " btn-sm" : ""}`;
}
