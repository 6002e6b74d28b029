import type { ComponentChildren } from "preact";
import { useViewer } from "./viewer.ts";

export interface FormProps {
  readonly action: string;
  readonly method?: "get" | "post";
  /** With files. */
  readonly multipart?: boolean;
  readonly class?: string;
  readonly id?: string | undefined;
  readonly label?: string | undefined;
  readonly children: ComponentChildren;
}

/** A form that works without JavaScript; a POST carries the session's CSRF token. */
export function Form(
  { action, method = "post", multipart = false, label, id, children, ...rest }: FormProps,
) {
  const { csrfToken, formId } = useViewer();
  return (
    <form
      action={action}
      method={method}
      enctype={multipart ? "multipart/form-data" : undefined}
      class={rest.class ?? "form"}
      id={id}
      aria-label={label}
    >
      {method === "post" && csrfToken !== null && (
        <input type="hidden" name="csrf_token" value={csrfToken} />
      )}
      {method === "post" && formId !== undefined && (
        <input type="hidden" name="form_id" value={formId} />
      )}
      {children}
    </form>
  );
}
