import type { ReasonsMessages } from "../en/reasons.ts";

/** Why a call was refused, by the code of its problem, in German. */
export const reasons: ReasonsMessages = {
  why_instrument_not_found: "Dieses Instrument ist nicht gespeichert",
  why_validation_failed: "Ein Wert ist ungültig",
  why_invalid_query: "Ein Abfrageparameter ist ungültig",
  why_malformed_json: "Der Rumpf ist kein gültiges JSON",
  why_body_too_large: "Der Rumpf ist zu groß",
  why_batch_too_large: "Der Stapel ist zu groß",
  why_unsupported_media_type: "Der Inhaltstyp wird nicht unterstützt",
  why_rate_limited: "Zu viele Aufrufe auf einmal",
  why_quota_exceeded: "Das Kontingent des Zeitraums ist aufgebraucht",
  why_budget_exceeded: "Das Budget des Zeitraums ist aufgebraucht",
  why_scope_missing: "Dem Schlüssel fehlt eine Berechtigung",
  why_address_not_allowed: "Diese Adresse darf den Schlüssel nicht benutzen",
  why_feature_not_in_plan: "Der Tarif enthält diese Funktion nicht",
  why_meter_not_in_plan: "Der Tarif enthält diesen Zähler nicht",
  why_payment_overdue: "Eine Zahlung ist überfällig",
  why_tenant_suspended: "Der Mandant ist gesperrt",
  why_idempotency_key_reused: "Dieser Idempotenzschlüssel diente einem anderen Aufruf",
  why_idempotency_in_progress: "Derselbe Aufruf wird noch bedient",
  why_invalid_event: "Das ist kein Nutzungsereignis",
  why_not_found: "Unter dieser Adresse ist nichts",
  why_unavailable: "Wir waren kurz nicht erreichbar",
  why_internal_error: "Bei uns ist etwas schiefgegangen",
};
