import type { ReasonsMessages } from "../en/reasons.ts";

/** Why a call was refused, by the code of its problem, in Spanish. */
export const reasons: ReasonsMessages = {
  why_instrument_not_found: "Ese instrumento no está guardado",
  why_validation_failed: "Un valor no es válido",
  why_invalid_query: "Un parámetro de consulta no es válido",
  why_malformed_json: "El cuerpo no es JSON válido",
  why_body_too_large: "El cuerpo es demasiado grande",
  why_batch_too_large: "El lote es demasiado grande",
  why_unsupported_media_type: "El tipo de contenido no es compatible",
  why_rate_limited: "Demasiadas llamadas a la vez",
  why_quota_exceeded: "La cuota del periodo está agotada",
  why_budget_exceeded: "El presupuesto del periodo está agotado",
  why_scope_missing: "A la clave le falta un permiso",
  why_address_not_allowed: "Esta dirección no puede usar la clave",
  why_feature_not_in_plan: "El plan no incluye esta función",
  why_meter_not_in_plan: "El plan no incluye este medidor",
  why_payment_overdue: "Hay un pago vencido",
  why_tenant_suspended: "La organización está suspendida",
  why_idempotency_key_reused: "Esta clave de idempotencia se usó en otra llamada",
  why_idempotency_in_progress: "La misma llamada aún se está atendiendo",
  why_invalid_event: "No es un evento de uso",
  why_not_found: "No hay nada en esta dirección",
  why_unavailable: "No estuvimos disponibles un momento",
  why_internal_error: "Algo falló por nuestra parte",
};
