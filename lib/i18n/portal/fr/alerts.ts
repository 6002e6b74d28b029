import type { AlertsMessages } from "../en/alerts.ts";

/** Alerts and budget, in French. */
export const alerts: AlertsMessages = {
  alerts_lede: "Chaque seuil vous avertit une fois par période, puis de nouveau à la suivante.",
  budget: "Budget",
  budget_note: "Pour une période de facturation, hors taxes.",
  no_budget: "Aucun budget n’est fixé.",
  amount_in: "Montant en {currency}",
  budget_hint: "Vide supprime le budget.",
  stop_at_budget: "S’arrêter au budget",
  stop_at_budget_hint:
    "Les appels qui le dépasseraient sont refusés avec 402 jusqu’à la période suivante ou un budget plus élevé.",
  save_budget: "Enregistrer le budget",
  alerts: "Alertes",
  alerts_note: "À 50, 75, 90 et 100 % du budget et de chaque quota de votre forfait.",
  email_to: "E-mail à",
  emails_hint: "Jusqu’à cinq adresses, séparées par des virgules.",
  webhook: "Webhook",
  webhook_hint:
    "Chaque message est signé selon Standard Webhooks ; une fois enregistré, le secret et la vérification s’affichent.",
  signing_secret: "Secret de signature, et comment vérifier un message",
  snippet_webhook: "TypeScript (Deno, Node 20 ou plus récent, Bun)",
  save_alerts: "Enregistrer les alertes",
  send_test: "Envoyer un test",
  alerts_sent: "Envoyées",
  alerts_sent_caption: "Alertes envoyées",
  no_threshold_reached: "Aucun seuil n’a encore été atteint",
  no_threshold_text: "C’est le bon cas.",
  threshold: "Seuil",
  delivery: "Remise",
  delivery_waiting: "en attente",
  delivery_delivered: "remise",
  delivery_failed: "échouée",
  conflict_title: "Quelqu’un d’autre a enregistré entre-temps",
  conflict_text:
    "Rien n’a été écrasé ; votre saisie est ci-dessous. Enregistrez à nouveau pour remplacer.",
  it_now_says: "Il y a maintenant : {what}.",
  says_no_budget: "aucun budget",
  says_budget_stops: "{amount}, les appels s’y arrêtent",
  says_budget_alerts: "{amount}, alertes seulement",
  says_nobody: "personne",
};
