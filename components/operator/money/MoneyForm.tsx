import type { ComponentChildren } from "preact";
import { Button } from "../../ui/Button.tsx";
import { Form } from "../../ui/Form.tsx";
import { HiddenFields } from "../../ui/HiddenFields.tsx";
import { Notice } from "../../ui/Notice.tsx";
import type { MoneyDraft, MoneyFormKind, TenantMoneyModel } from "./money_model.ts";
import { moneyPath } from "./money_path.ts";

/** Previews what its kind of change does to the bill; it is made only after a confirmation. */
export function MoneyForm(
  { model: { tenantId }, form, label, children }: {
    model: TenantMoneyModel;
    form: MoneyFormKind;
    label: string;
    children: ComponentChildren;
  },
) {
  return (
    <Form action={moneyPath(tenantId)} label={label}>
      <HiddenFields fields={{ act: "preview", form }} />
      {children}
      <div class="form-actions">
        <Button>Show what it changes</Button>
      </div>
    </Form>
  );
}

/** Fields of one form, with its own error where there is one. */
export function moneyFields({ draft, error, proposal }: TenantMoneyModel, form: MoneyFormKind) {
  const own = error?.form === form ? error : null;
  // Two forms have an amount: what was typed into one is not the other's.
  const isTyped = (error?.form ?? proposal?.kind ?? form) === form;
  return (name: keyof MoneyDraft) => ({
    scope: form,
    name,
    value: name === "amount" && !isTyped ? "" : draft[name],
    error: own?.field === name ? own.detail : undefined,
  });
}

export function MoneyFormError(
  { model: { error }, form }: { model: TenantMoneyModel; form: MoneyFormKind },
) {
  if (error === null || error.form !== form || error.field !== null) return null;
  return <Notice tone="bad" title="Nothing was done">{error.detail}</Notice>;
}
