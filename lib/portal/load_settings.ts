import type { SettingsModel } from "@/components/portal/SettingsPage.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { LOCALES, type SettingsDraft } from "./settings_form.ts";

/** The form as stored, or a refused draft with what is wrong about it. */
export function settingsModel(
  tenant: Versioned<Tenant>,
  plan: PlanVersion,
  refused: {
    readonly draft: SettingsDraft;
    readonly errors: Readonly<Record<string, string>>;
    readonly conflict: SettingsModel["conflict"];
  } | null,
): SettingsModel {
  const { branding, timeZone, locale } = tenant.value;
  const draft = refused?.draft ?? {
    displayName: branding.displayName,
    logoUrl: branding.logoUrl ?? "",
    color: branding.color,
    timeZone,
    locale,
  };
  return {
    ...draft,
    timeZones: Intl.supportedValuesOf("timeZone"),
    locales: LOCALES,
    currency: plan.currency,
    errors: refused?.errors ?? {},
    conflict: refused?.conflict ?? null,
    version: tenant.versionstamp,
  };
}
