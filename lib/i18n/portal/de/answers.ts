import type { AnswersMessages } from "../en/answers.ts";

/** What an action did, and what is wrong with a form, in German. */
export const answers: AnswersMessages = {
  flash_key_revoked: "Der Schlüssel ist widerrufen; Aufrufe mit ihm werden ab jetzt abgelehnt.",
  flash_plan_changed: "Der Tarif ist gewechselt. Er gilt ab dem nächsten Aufruf.",
  flash_budget_saved: "Das Budget ist gespeichert.",
  flash_budget_removed: "Das Budget ist entfernt.",
  flash_alerts_saved: "Die Warnungen sind gespeichert.",
  flash_alert_tested: "Eine Testwarnung ist unterwegs.",
  flash_alert_test_failed:
    "Die Testwarnung ließ sich nicht zustellen; prüfen Sie Adressen und Webhook.",
  flash_alert_no_channel: "Es gibt weder eine E-Mail-Adresse noch einen Webhook als Ziel.",
  flash_settings_saved: "Die Einstellungen sind gespeichert.",
  flash_member_invited: "Die Einladung ist unterwegs.",
  flash_mail_failed:
    "Die Einladung steht, aber ihre Mail ließ sich nicht senden. Widerrufen Sie sie und versuchen Sie es noch einmal.",
  flash_member_changed: "Die Rolle ist geändert.",
  flash_member_removed: "Das Mitglied ist entfernt und überall abgemeldet.",
  flash_invitation_revoked: "Die Einladung gilt nicht mehr.",
  flash_session_ended: "Die Sitzung ist beendet.",
  flash_conflict:
    "Jemand anderes hat das inzwischen geändert. Nichts wurde überschrieben; sehen Sie noch einmal nach.",
  flash_units_outstanding:
    "Nutzung ist noch auf dem Weg zum Zahlungsanbieter. Sehen Sie nach Ihrem Tarif und versuchen Sie es in einer Minute noch einmal.",
  flash_key_sent_before:
    "Das wurde zweimal gesendet. Der Schlüssel wurde erzeugt, und nur die erste Antwort zeigte sein Geheimnis: Wenn es Ihnen fehlt, erneuern oder widerrufen Sie den neuesten Schlüssel.",
  flash_sent_before: "Das wurde schon gesendet und getan. Nichts wurde ein zweites Mal getan.",
  flash_not_confirmed: "Nichts wurde getan: die Bestätigung stimmte nicht.",
  flash_last_owner: "Ein Mandant braucht mindestens einen Inhaber.",
  flash_refused: "Das wurde abgelehnt. Nichts wurde geändert.",
  flash_billing_unavailable:
    "Der Zahlungsanbieter antwortet gerade nicht. Versuchen Sie es später noch einmal.",
  fault_name: "Ein Name hat 1 bis 200 Zeichen",
  fault_scopes: "Mindestens eine Berechtigung wählen",
  fault_addresses:
    "Jede Zeile ist eine Adresse oder ein CIDR-Bereich wie 203.0.113.0/24, höchstens 50",
  fault_expiry: "Ein Schlüssel läuft später als jetzt und binnen zehn Jahren ab",
  fault_too_many_keys: "Ein Mandant hat höchstens 50 aktive Schlüssel; widerrufen Sie erst einen",
  fault_time_zone: "Wählen Sie eine Zeitzone wie Europe/Paris",
  fault_locale: "Wählen Sie eine der Sprachen",
  fault_color: "Die Farbe muss als #rrggbb geschrieben sein",
  fault_url: "Eine öffentliche https-Adresse ohne Benutzernamen, oder nichts",
  fault_amount: "Eine Zahl wie 12.50, über null; leer für kein Budget",
  fault_emails: "Höchstens 5 E-Mail-Adressen, durch Kommas getrennt",
  fault_email: "Das ist keine E-Mail-Adresse wie ada@example.com",
  fault_member_exists: "Diese Person ist schon Mitglied",
  fault_invitation_exists:
    "Diese Adresse ist schon eingeladen; widerrufen Sie die Einladung, um eine neue zu senden",
  fault_too_many_members: "Für weitere Mitglieder und offene Einladungen ist kein Platz",
  fault_link_invalid: "Dieser Link wurde schon benutzt oder ist zu alt; fordern Sie einen neuen an",
  fault_link_other_browser:
    "Öffnen Sie den Link in dem Browser, in dem Sie ihn angefordert haben, oder fordern Sie hier einen neuen an",
  fault_invitation_gone:
    "Diese Einladung wurde benutzt, widerrufen oder ist zu alt; bitten Sie um eine neue",
  fault_rate_limited: "Zu viele Versuche; versuchen Sie es in {minutes} Min. noch einmal",
  fault_other: "Das wurde abgelehnt; prüfen Sie es und versuchen Sie es noch einmal",
  flash_too_often: "Das geschah gerade oft. Versuchen Sie es in einer Viertelstunde noch einmal.",
  flash_sessions_ended: "Ihre anderen Sitzungen sind beendet.",
};
