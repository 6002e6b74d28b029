import { RATING_PROBLEMS } from "@/lib/rating/problems.ts";

/** What a problem `code` means over HTTP. The code itself is the contract; the rest is for people. */
export interface ProblemType {
  readonly status: number;
  readonly title: string;
}

export type ProblemTable = Readonly<Record<string, ProblemType>>;

/** Reading the request. */
const REQUEST: ProblemTable = {
  bad_request: { status: 400, title: "The request can't be understood" },
  malformed_url: { status: 400, title: "The URL is malformed" },
  not_found: { status: 404, title: "Nothing is here" },
  method_not_allowed: { status: 405, title: "This method is not supported here" },
  not_acceptable: { status: 406, title: "No representation fits the Accept header" },
  request_timeout: { status: 408, title: "The body took too long to arrive" },
  conflict: { status: 409, title: "Somebody else changed this meanwhile" },
  precondition_failed: { status: 412, title: "The entity tag does not match" },
  precondition_required: { status: 428, title: "Send If-Match with the entity tag you edited" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  unsupported_content_encoding: { status: 415, title: "The content encoding is not supported" },
  malformed_body: { status: 400, title: "The body can't be read" },
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  json_too_deep: { status: 400, title: "The JSON is nested too deeply" },
  json_too_many_keys: { status: 400, title: "The JSON has too many keys" },
  duplicate_json_key: { status: 400, title: "A JSON object has the same key twice" },
  forbidden_json_key: { status: 400, title: "A JSON key is not allowed" },
  malformed_form: { status: 400, title: "The form can't be read" },
  validation_failed: { status: 422, title: "A value is not valid" },
  invalid_cursor: { status: 400, title: "The cursor is not valid" },
  invalid_query: { status: 400, title: "A query parameter is not valid" },
  range_too_large: { status: 422, title: "The range is too large" },
  idempotency_key_invalid: { status: 400, title: "The idempotency key is not valid" },
  idempotency_key_reused: {
    status: 422,
    title: "This idempotency key was used for another request",
  },
  idempotency_in_progress: {
    status: 409,
    title: "A request with this idempotency key is being served",
  },
  reply_unreadable: { status: 409, title: "The stored answer can't be opened any more" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
  unavailable: { status: 503, title: "Temporarily unavailable" },
};

/** Who asks, and may they. */
const ACCESS: ProblemTable = {
  missing_credential: { status: 401, title: "A credential is missing" },
  invalid_credential: { status: 401, title: "The credential is not valid" },
  expired_credential: { status: 401, title: "The credential has expired" },
  revoked_credential: { status: 401, title: "The credential was revoked" },
  wrong_mode_key: { status: 401, title: "The key is of the other mode" },
  jwt_malformed: { status: 401, title: "The token is not a JWT" },
  jwt_algorithm_refused: { status: 401, title: "The token's algorithm is not accepted" },
  jwt_issuer_unknown: { status: 401, title: "The token's issuer is not registered" },
  jwt_signature_invalid: { status: 401, title: "The token's signature is not valid" },
  jwt_key_unknown: { status: 401, title: "The token's key is not known" },
  jwt_claim_invalid: { status: 401, title: "A claim of the token is not valid" },
  jwt_expired: { status: 401, title: "The token has expired" },
  jwks_unavailable: { status: 503, title: "The issuer's keys can't be read" },
  scope_missing: { status: 403, title: "The credential lacks a scope" },
  address_not_allowed: { status: 403, title: "This address may not use the key" },
  cross_site_request: { status: 403, title: "The request came from another site" },
  form_expired: { status: 403, title: "The form has expired; load the page again" },
  role_insufficient: { status: 403, title: "Your role does not allow this" },
  step_up_required: { status: 401, title: "Confirm who you are first" },
  session_required: { status: 401, title: "Sign in first" },
  sign_in_link_invalid: { status: 410, title: "This sign-in link is no longer valid" },
  sign_in_link_other_browser: { status: 403, title: "Open the link where you asked for it" },
  sign_in_failed: { status: 401, title: "Signing in failed" },
  passkey_invalid: { status: 401, title: "The passkey was not accepted" },
  rate_limited: { status: 429, title: "Too many requests" },
};

/** What the plan and the tenant's standing allow. */
const ENTITLEMENT: ProblemTable = {
  tenant_suspended: { status: 403, title: "The tenant is suspended" },
  tenant_closed: { status: 403, title: "The tenant is closed" },
  payment_overdue: { status: 402, title: "Payment is overdue" },
  feature_not_in_plan: { status: 403, title: "The plan does not include this feature" },
  meter_not_in_plan: { status: 403, title: "The plan does not include this meter" },
  quota_exceeded: { status: 429, title: "The quota of this billing period is used up" },
  budget_exceeded: { status: 402, title: "The budget of this billing period is used up" },
};

/** Managing tenants, keys and members. */
const TENANCY: ProblemTable = {
  tenant_exists: { status: 409, title: "The tenant exists already" },
  unknown_tenant: { status: 404, title: "There is no such tenant" },
  unknown_plan: { status: 422, title: "There is no such published plan" },
  unknown_key: { status: 404, title: "There is no such key" },
  unknown_member: { status: 404, title: "There is no such member" },
  unknown_invitation: { status: 404, title: "There is no such invitation" },
  unknown_issuer: { status: 404, title: "There is no such issuer" },
  unknown_session: { status: 404, title: "There is no such session" },
  too_many_keys: { status: 409, title: "The tenant has as many keys as it may have" },
  too_many_members: { status: 409, title: "The tenant has as many members as it may have" },
  too_many_issuers: { status: 409, title: "The tenant has as many issuers as it may have" },
  key_not_active: { status: 409, title: "The key is revoked or expired" },
  invitation_exists: { status: 409, title: "This person is invited already" },
  member_exists: { status: 409, title: "This person is a member already" },
  last_owner: { status: 409, title: "A tenant keeps at least one owner" },
  status_change_refused: { status: 409, title: "The tenant can't change to this status" },
  tenant_not_empty: { status: 409, title: "The tenant still has unbilled usage" },
  invalid_scope: { status: 422, title: "There is no such scope" },
  invalid_address_range: { status: 422, title: "An address range is not valid" },
  invalid_expiry: { status: 422, title: "The expiry is not valid" },
  invalid_branding: { status: 422, title: "The branding is not valid" },
  invalid_limits: { status: 422, title: "The limits are not valid" },
  invalid_budget: { status: 422, title: "The budget is not valid" },
  url_refused: { status: 422, title: "This URL may not be called" },
};

/** Plans: drafting, dry runs, publishing. */
const CATALOG: ProblemTable = {
  plan_not_found: { status: 404, title: "There is no such plan" },
  not_a_draft: { status: 409, title: "Only drafts can be changed" },
  not_published: { status: 409, title: "The plan is not published" },
  dry_run_required: { status: 409, title: "A dry run comes first" },
  dry_run_stale: { status: 409, title: "The plan has changed since its dry run" },
  plan_in_use: { status: 409, title: "Tenants are on this plan" },
  not_provisioned: { status: 409, title: "The plan is not in Stripe yet" },
  currency_changed: { status: 409, title: "A plan keeps its currency" },
  interval_changed: { status: 409, title: "A plan keeps its interval" },
  too_many_tenants: { status: 409, title: "Too many tenants for one run" },
  invalid_plan: { status: 422, title: "The plan is not valid" },
  invalid_tiers: { status: 422, title: "The tiers are not valid" },
  plan_is_empty: { status: 422, title: "The plan charges for nothing" },
  plan_too_large: { status: 422, title: "The plan is too large to store" },
  invalid_field: { status: 422, title: "A field is not valid" },
  duplicate_plan: { status: 422, title: "A plan is defined twice" },
  duplicate_meter: { status: 422, title: "A meter appears twice" },
  too_many_meters: { status: 422, title: "The plan has too many meters" },
  tiers_empty: { status: 422, title: "A ladder needs a tier" },
  tiers_too_many: { status: 422, title: "The ladder has too many tiers" },
  tier_not_rising: { status: 422, title: "Tiers must rise" },
  tier_out_of_range: { status: 422, title: "A tier is out of range" },
  tier_open_not_last: { status: 422, title: "Only the last tier is open" },
  tier_last_not_open: { status: 422, title: "The last tier must be open" },
  included_units_not_billable: { status: 422, title: "Included units do not fit this price" },
  provider_refused: { status: 502, title: "Stripe refused, or did not answer" },
  name_too_long: { status: 422, title: "A name is too long for Stripe" },
  indivisible_base_fee: { status: 422, title: "The base fee has parts of a minor unit" },
  invalid_amount: { status: 422, title: "The amount is not a plain decimal" },
  negative_amount: { status: 422, title: "The amount is negative" },
  too_many_decimals: { status: 422, title: "The amount has too many decimals" },
  amount_too_large: { status: 422, title: "The amount is too large" },
};

/** Usage events, corrections, the outbox, invoices and alerts. */
const BOOKS: ProblemTable = {
  invalid_event: { status: 422, title: "This is not a usage event" },
  unknown_meter: { status: 422, title: "There is no such meter" },
  invalid_units: { status: 422, title: "The units are not a whole number" },
  event_too_old: { status: 422, title: "The event is too old" },
  event_in_future: { status: 422, title: "The event lies in the future" },
  invalid_note: { status: 422, title: "The note is not valid" },
  reason_missing: { status: 422, title: "A reason is needed" },
  not_held: { status: 409, title: "No draft is held" },
  invalid_reason: { status: 422, title: "The reason is not valid" },
  units_outstanding: { status: 409, title: "Units are still on their way to Stripe" },
  reply_too_large: { status: 422, title: "The reply is too large to be kept for replay" },
  same_person: { status: 403, title: "Somebody else must approve this" },
  preview_instance: { status: 403, title: "A preview acts on nobody" },
  no_gap: { status: 409, title: "The books lack nothing that Stripe has" },
  gap_undecided: { status: 409, title: "Units of that day are undecided yet" },
  credit_not_found: { status: 404, title: "There is no such credit to decide about" },
  adjustment_not_found: { status: 404, title: "There is no such adjustment" },
  correction_not_found: { status: 404, title: "There is no such correction" },
  already_decided: { status: 409, title: "This is decided already" },
  notice_not_found: { status: 404, title: "There is no such notice" },
  alert_not_found: { status: 404, title: "There is no such alert" },
  entry_not_found: { status: 404, title: "There is no such outbox entry" },
  wrong_state: { status: 409, title: "Not possible in this state" },
  not_billable: { status: 409, title: "This can't be billed" },
  period_not_found: { status: 404, title: "There is no such billing period" },
  period_closed: { status: 409, title: "The billing period is closed" },
  period_closing: { status: 409, title: "The billing period is being closed right now" },
  line_not_found: { status: 404, title: "There is no such invoice line" },
  invalid_alerts: { status: 422, title: "The alert settings are not valid" },
  invalid_email: { status: 422, title: "This is not an e-mail address" },
  too_many_emails: { status: 422, title: "Too many addresses" },
};

/** Stripe's webhooks. */
const WEBHOOKS: ProblemTable = {
  missing_signature: { status: 400, title: "The signature is missing" },
  invalid_signature: { status: 400, title: "The signature does not match" },
  stale_signature: { status: 400, title: "The signature is too old" },
  future_signature: { status: 400, title: "The signature lies in the future" },
  wrong_mode: { status: 400, title: "The event is of the other mode" },
  no_secret: { status: 503, title: "No signing secret is configured" },
};

/** Every code that leaves the system, with its meaning over HTTP. */
export const PROBLEMS: ProblemTable = mergeTables(
  REQUEST,
  ACCESS,
  ENTITLEMENT,
  TENANCY,
  RATING_PROBLEMS,
  CATALOG,
  BOOKS,
  WEBHOOKS,
);

/** One table out of several; a code that two of them define is a mistake in the program. */
export function mergeTables(...tables: readonly ProblemTable[]): ProblemTable {
  const merged = new Map<string, ProblemType>();
  for (const [code, type] of tables.flatMap((table) => Object.entries(table))) {
    const known = merged.get(code);
    if (known !== undefined && known.status !== type.status) {
      throw new Error(`Problem ${JSON.stringify(code)} is defined twice with different statuses`);
    }
    merged.set(code, known ?? type);
  }
  return Object.freeze(Object.fromEntries(merged));
}
