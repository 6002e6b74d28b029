import type { TenantSettings } from "@/lib/tenancy/tenants.ts";

/** Languages of the statements, each with the formats of a place that speaks it. */
export const LOCALES = [
  { value: "en-US", label: "English (United States)" },
  { value: "en-GB", label: "English (United Kingdom)" },
  { value: "de-DE", label: "Deutsch" },
  { value: "fr-FR", label: "Français" },
  { value: "es-ES", label: "Español" },
  { value: "ja-JP", label: "日本語" },
  { value: "zh-CN", label: "中文" },
] as const;

/** The form as typed, kept when it is refused. */
export interface SettingsDraft {
  readonly displayName: string;
  readonly logoUrl: string;
  readonly color: string;
  readonly timeZone: string;
  readonly locale: string;
}

export function readSettings(form: URLSearchParams): SettingsDraft {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  return {
    displayName: text("display_name"),
    logoUrl: text("logo_url"),
    color: text("color"),
    timeZone: text("time_zone"),
    locale: text("locale"),
  };
}

export function settingsOf(draft: SettingsDraft): TenantSettings {
  const { displayName, logoUrl, color, timeZone, locale } = draft;
  return {
    branding: { displayName, logoUrl: logoUrl === "" ? null : logoUrl, color },
    timeZone,
    locale,
  };
}
