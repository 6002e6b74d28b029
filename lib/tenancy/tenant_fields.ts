import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { judgeUrl } from "@/lib/auth/ssrf.ts";

const MAX_NAME_LETTERS = 200;

/**
 * A name as people write it, any script: trimmed, without control characters and without the marks
 * that turn the direction of the text around it. Error: `validation_failed`.
 */
export function parseName(text: string, pointer = "/name"): Result<string> {
  const name = text.normalize("NFC").replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim();
  if (name !== "" && [...name].length <= MAX_NAME_LETTERS) return accept(name);
  const detail = `A name has 1 to ${MAX_NAME_LETTERS} characters`;
  return refuse({ code: "validation_failed", detail, pointer });
}

/** An IANA zone. Error: `validation_failed`. */
export function parseTimeZone(text: string): Result<string> {
  try {
    return accept(new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone);
  } catch {
    const detail = `${JSON.stringify(text)} is not a time zone such as Europe/Paris`;
    return refuse({ code: "validation_failed", detail, pointer: "/time_zone" });
  }
}

/** A BCP 47 tag in its canonical spelling. Error: `validation_failed`. */
export function parseLocale(text: string): Result<string> {
  try {
    const [locale] = Intl.getCanonicalLocales(text);
    if (locale !== undefined) return accept(locale);
  } catch {
    // Not a tag at all; told below.
  }
  const detail = `${JSON.stringify(text)} is not a language tag such as en-GB`;
  return refuse({ code: "validation_failed", detail, pointer: "/locale" });
}

/** Errors: `validation_failed`, `invalid_branding`. */
export function parseBranding(branding: Tenant["branding"]): Result<Tenant["branding"]> {
  const displayName = parseName(branding.displayName, "/branding/display_name");
  if (!displayName.ok) return displayName;
  if (!/^#[0-9a-f]{6}$/i.test(branding.color)) {
    const detail = "The colour must be written as #rrggbb";
    return refuse({ code: "invalid_branding", detail, pointer: "/branding/color" });
  }
  if (branding.logoUrl !== null) {
    const url = judgeUrl(branding.logoUrl);
    if (!url.ok) {
      const { detail } = url.error;
      return refuse({ code: "invalid_branding", detail, pointer: "/branding/logo_url" });
    }
  }
  return accept({
    displayName: displayName.value,
    logoUrl: branding.logoUrl,
    color: branding.color.toLowerCase(),
  });
}
