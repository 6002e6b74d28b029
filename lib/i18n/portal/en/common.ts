/** Words of every page, in the portal and of its public frame, in English. */
export const common = {
  close: "Close",
  type_to_confirm: "Type “{phrase}” to confirm",
  breadcrumb: "Breadcrumb",
  page_first: "First page",
  page_next: "Next page",
  copy: "Copy",
  copied: "Copied",
  copied_to_clipboard: "Copied to the clipboard",
  copy_key: "this key",
  copy_snippet: "this snippet",
  never: "never",
  actions: "Actions",
  save: "Save",
  units: "Units",
  time: "Time",
  when: "When",
  what: "What",
  role: "Role",
  email: "E-mail",
  pricing: "Pricing",
  api_reference: "API reference",
  sign_in: "Sign in",
  product_line: "Clawmeter rates financial instruments and meters every call once.",
} as const;

export type CommonMessages = Readonly<Record<keyof typeof common, string>>;
