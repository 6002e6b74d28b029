import type { AlertsMessages } from "../en/alerts.ts";

/** Alerts and budget, in Spanish. */
export const alerts: AlertsMessages = {
  alerts_lede: "Cada umbral avisa una vez por periodo, y de nuevo en el siguiente.",
  budget: "Presupuesto",
  budget_note: "Para un periodo de facturación, sin impuestos.",
  no_budget: "No hay presupuesto fijado.",
  amount_in: "Importe en {currency}",
  budget_hint: "Vacío quita el presupuesto.",
  stop_at_budget: "Detenerse en el presupuesto",
  stop_at_budget_hint:
    "Las llamadas que lo superen se rechazan con 402 hasta el próximo periodo o un presupuesto mayor.",
  save_budget: "Guardar presupuesto",
  alerts: "Alertas",
  alerts_note: "Al 50, 75, 90 y 100 % del presupuesto y de cada cuota de su plan.",
  email_to: "Correo a",
  emails_hint: "Hasta cinco direcciones, separadas por comas.",
  webhook: "Webhook",
  webhook_hint:
    "Cada mensaje va firmado según Standard Webhooks; al guardar se muestran el secreto y cómo comprobarlo.",
  signing_secret: "Secreto de firma, y cómo comprobar un mensaje",
  snippet_webhook: "TypeScript (Deno, Node 20 o posterior, Bun)",
  save_alerts: "Guardar alertas",
  send_test: "Enviar una prueba",
  alerts_sent: "Enviadas",
  alerts_sent_caption: "Alertas enviadas",
  no_threshold_reached: "Aún no se ha alcanzado ningún umbral",
  no_threshold_text: "Es la buena noticia.",
  threshold: "Umbral",
  delivery: "Entrega",
  delivery_waiting: "en espera",
  delivery_delivered: "entregada",
  delivery_failed: "fallida",
  conflict_title: "Otra persona guardó entretanto",
  conflict_text:
    "No se sobrescribió nada; abajo está lo que escribió. Guarde de nuevo para reemplazarlo.",
  it_now_says: "Ahora dice: {what}.",
  says_no_budget: "sin presupuesto",
  says_budget_stops: "{amount}, las llamadas se detienen",
  says_budget_alerts: "{amount}, solo avisos",
  says_nobody: "nadie",
};
