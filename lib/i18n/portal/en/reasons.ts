/** Why a call was refused, by the code of its problem, in English. */
export const reasons = {
  why_instrument_not_found: "No such instrument is stored",
  why_validation_failed: "A value is not valid",
  why_invalid_query: "A query parameter is not valid",
  why_malformed_json: "The body is not valid JSON",
  why_body_too_large: "The body is too large",
  why_batch_too_large: "The batch is too large",
  why_unsupported_media_type: "The content type is not supported",
  why_rate_limited: "Too many calls at once",
  why_quota_exceeded: "The quota of the period is used up",
  why_budget_exceeded: "The budget of the period is used up",
  why_scope_missing: "The key lacks a scope",
  why_address_not_allowed: "This address may not use the key",
  why_feature_not_in_plan: "The plan does not include this feature",
  why_meter_not_in_plan: "The plan does not include this meter",
  why_payment_overdue: "A payment is overdue",
  why_tenant_suspended: "The tenant is suspended",
  why_idempotency_key_reused: "This idempotency key was used for another call",
  why_idempotency_in_progress: "The same call is still being served",
  why_invalid_event: "This is not a usage event",
  why_not_found: "There is nothing at this address",
  why_unavailable: "We were not available for a moment",
  why_internal_error: "Something went wrong on our side",
} as const;

export type ReasonsMessages = Readonly<Record<keyof typeof reasons, string>>;
