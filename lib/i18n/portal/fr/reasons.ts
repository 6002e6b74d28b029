import type { ReasonsMessages } from "../en/reasons.ts";

/** Why a call was refused, by the code of its problem, in French. */
export const reasons: ReasonsMessages = {
  why_instrument_not_found: "Cet instrument n’est pas enregistré",
  why_validation_failed: "Une valeur n’est pas valable",
  why_invalid_query: "Un paramètre de requête n’est pas valable",
  why_malformed_json: "Le corps n’est pas du JSON valable",
  why_body_too_large: "Le corps est trop volumineux",
  why_batch_too_large: "Le lot est trop grand",
  why_unsupported_media_type: "Le type de contenu n’est pas pris en charge",
  why_rate_limited: "Trop d’appels à la fois",
  why_quota_exceeded: "Le quota de la période est épuisé",
  why_budget_exceeded: "Le budget de la période est épuisé",
  why_scope_missing: "Il manque une portée à la clé",
  why_address_not_allowed: "Cette adresse ne peut pas utiliser la clé",
  why_feature_not_in_plan: "Le forfait n’inclut pas cette fonction",
  why_meter_not_in_plan: "Le forfait n’inclut pas ce compteur",
  why_payment_overdue: "Un paiement est en retard",
  why_tenant_suspended: "L’organisation est suspendue",
  why_idempotency_key_reused: "Cette clé d’idempotence a servi à un autre appel",
  why_idempotency_in_progress: "Le même appel est encore en cours",
  why_invalid_event: "Ce n’est pas un événement d’utilisation",
  why_not_found: "Il n’y a rien à cette adresse",
  why_unavailable: "Nous étions brièvement indisponibles",
  why_internal_error: "Une erreur s’est produite de notre côté",
};
