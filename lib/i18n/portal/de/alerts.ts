import type { AlertsMessages } from "../en/alerts.ts";

/** Alerts and budget, in German. */
export const alerts: AlertsMessages = {
  alerts_lede: "Jede Schwelle meldet sich einmal je Zeitraum, und im nächsten wieder.",
  budget: "Budget",
  budget_note: "Für einen Abrechnungszeitraum, vor Steuern.",
  no_budget: "Kein Budget ist gesetzt.",
  amount_in: "Betrag in {currency}",
  budget_hint: "Leer entfernt das Budget.",
  stop_at_budget: "Am Budget anhalten",
  stop_at_budget_hint:
    "Aufrufe darüber hinaus werden mit 402 abgelehnt, bis zum nächsten Zeitraum oder einem höheren Budget.",
  save_budget: "Budget speichern",
  alerts: "Warnungen",
  alerts_note: "Bei 50, 75, 90 und 100 % des Budgets und jedes Kontingents Ihres Tarifs.",
  email_to: "E-Mail an",
  emails_hint: "Bis zu fünf Adressen, durch Kommas getrennt.",
  webhook: "Webhook",
  webhook_hint:
    "Jede Nachricht ist nach Standard Webhooks signiert; nach dem Speichern werden Geheimnis und Prüfung gezeigt.",
  signing_secret: "Signaturgeheimnis, und wie man eine Nachricht prüft",
  snippet_webhook: "TypeScript (Deno, Node ab 20, Bun)",
  save_alerts: "Warnungen speichern",
  send_test: "Test senden",
  alerts_sent: "Gesendet",
  alerts_sent_caption: "Gesendete Warnungen",
  no_threshold_reached: "Noch wurde keine Schwelle erreicht",
  no_threshold_text: "Das ist der gute Fall.",
  threshold: "Schwelle",
  delivery: "Zustellung",
  delivery_waiting: "wartet",
  delivery_delivered: "zugestellt",
  delivery_failed: "fehlgeschlagen",
  conflict_title: "Jemand anderes hat inzwischen gespeichert",
  conflict_text:
    "Nichts wurde überschrieben; unten steht Ihre Eingabe. Speichern Sie noch einmal, um es zu ersetzen.",
  it_now_says: "Jetzt steht dort: {what}.",
  says_no_budget: "kein Budget",
  says_budget_stops: "{amount}, Aufrufe enden daran",
  says_budget_alerts: "{amount}, nur Warnungen",
  says_nobody: "niemand",
};
