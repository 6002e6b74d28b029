import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";

export const LOCALES = [
  { value: "en-US", label: "English (United States)" },
  { value: "en-GB", label: "English (United Kingdom)" },
  { value: "de-DE", label: "Deutsch" },
  { value: "fr-FR", label: "Français" },
  { value: "es-ES", label: "Español" },
  { value: "ja-JP", label: "日本語" },
  { value: "zh-CN", label: "中文" },
] as const;

export interface SettingsDraft {
  readonly displayName: string;
  readonly logoUrl: string;
  readonly color: string;
  readonly timeZone: string;
  readonly locale: string;
}

const NAME_MAX = 120;
const URL_MAX = 500;

export function readSettings(form: FormData): SettingsDraft {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  return {
    displayName: text("display_name"),
    logoUrl: text("logo_url"),
    color: text("color"),
    timeZone: text("time_zone"),
    locale: text("locale"),
  };
}

/** What the draft makes of the tenant. Error: `invalid_settings` with one entry per field. */
export function applySettings(tenant: Tenant, draft: SettingsDraft): Result<Tenant> {
  const errors = settingsErrors(draft);
  if (errors.length > 0) {
    return refuse({ code: "invalid_settings", detail: "Some fields need another look", errors });
  }
  return accept({
    ...tenant,
    timeZone: draft.timeZone,
    locale: draft.locale,
    branding: {
      displayName: draft.displayName,
      logoUrl: draft.logoUrl === "" ? null : draft.logoUrl,
      color: draft.color.toLowerCase(),
    },
  });
}

function settingsErrors(draft: SettingsDraft): readonly Refusal[] {
  const errors: Refusal[] = [];
  const refuseField = (pointer: string, detail: string) =>
    errors.push({ code: "invalid_field", pointer, detail });
  if (draft.displayName === "" || draft.displayName.length > NAME_MAX) {
    refuseField("/display_name", `A name of 1 to ${NAME_MAX} characters`);
  }
  if (draft.logoUrl !== "" && !isHttpsUrl(draft.logoUrl)) {
    refuseField("/logo_url", "An https address without a user name, or nothing");
  }
  if (!/^#[0-9a-f]{6}$/i.test(draft.color)) refuseField("/color", "A colour such as #2f6f4e");
  if (!isTimeZone(draft.timeZone)) refuseField("/time_zone", "A zone such as Europe/Berlin");
  if (!LOCALES.some(({ value }) => value === draft.locale)) {
    refuseField("/locale", "One of the languages of the list");
  }
  return errors;
}

function isHttpsUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === "https:" && url.username === "" && text.length <= URL_MAX;
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return text !== "";
  } catch {
    return false;
  }
}
