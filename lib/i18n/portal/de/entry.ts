import type { EntryMessages } from "../en/entry.ts";

/** Signing in, errors and mails, in German. */
export const entry: EntryMessages = {
  look_in_mail: "Sehen Sie in Ihre Mails",
  fresh_proof:
    "Dafür braucht es einen neuen Beweis, dass Sie es sind: melden Sie sich noch einmal an.",
  session_ended: "Ihre Sitzung ist beendet. Melden Sie sich wieder an.",
  provider_failed:
    "Die Anmeldung hat nicht geklappt. Anmelden kann sich nur, wer eingeladen wurde; versuchen Sie es noch einmal oder lassen Sie sich einen Link senden.",
  work_email: "Geschäftliche E-Mail",
  link_hint:
    "Wir senden einen Link, der einmal gilt, 10 Minuten lang, in diesem Browser. Ein Passwort gibt es nicht.",
  send_link: "Link senden",
  sign_in_with: "Mit {provider} anmelden",
  link_sent:
    "Gehört {email} einem Mitglied, ist ein Anmeldelink unterwegs. Er gilt einmal, 10 Minuten lang, in diesem Browser.",
  sandbox_no_mail: "Sandbox: es wird keine Mail gesendet",
  open_link_here: "Den Link hier öffnen",
  another_address: "Eine andere Adresse verwenden",
  new_link: "Neuen Link anfordern",
  link_from_mail: "Link aus der Mail",
  link_from_mail_hint: "Den ganzen Link einfügen, oder nur seinen Code.",
  link_signs_in: "Der Link meldet Sie auf diesem Gerät an. Er lässt sich einmal benutzen.",
  continue: "Weiter",
  join: "Beitreten",
  accept_invitation: "Einladung annehmen",
  your_name: "Ihr Name",
  your_name_hint: "Die anderen Mitglieder sehen ihn.",
  send_again: "Noch einmal senden",
  resume_signed_out_title: "Ihre Sitzung ist beendet",
  resume_signed_out:
    "Noch wurde nichts getan, und Ihre Eingabe bleibt auf dieser Seite. Melden Sie sich in einem anderen Tab an und senden Sie sie dann von hier.",
  resume_signed_in_title: "Noch einmal senden",
  resume_signed_in:
    "Das Formular entstand vor Ihrer Anmeldung. Noch wurde nichts getan; hiermit wird es unverändert gesendet.",
  resume_step_up_title: "Beweisen Sie, dass Sie es sind",
  resume_step_up:
    "Dafür braucht es einen neuen Beweis, und Ihre Anmeldung ist eine Weile her. Noch wurde nichts getan, und Ihre Eingabe bleibt auf dieser Seite. Melden Sie sich in einem anderen Tab noch einmal an und senden Sie sie dann von hier.",
  sign_in_new_tab: "In neuem Tab anmelden",
  what_will_be_sent: "Was gesendet wird",
  empty_value: "leer",
  which_tenant: "Welcher Mandant?",
  choose_tenant: "Mandanten wählen",
  to_portal: "Zum Portal",
  home: "Startseite",
  request_named: "Anfrage {id}",
  error_400_title: "Mit dieser Anfrage können wir nichts anfangen",
  error_400:
    "Adresse oder Formular sind fehlerhaft. Gehen Sie zurück und versuchen Sie es noch einmal.",
  error_403_title: "Nicht erlaubt",
  error_403: "Sie sind angemeldet, aber Ihre Rolle erlaubt das nicht.",
  error_404_title: "Hier ist nichts",
  error_404: "Die Seite gibt es nicht, oder sie ist nicht für Sie bestimmt.",
  error_405_title: "Falscher Eingang",
  error_405: "Diese Adresse nimmt solche Anfragen nicht an.",
  error_409_title: "Jemand war schneller",
  error_409:
    "Inzwischen hat es sich geändert. Nichts wurde überschrieben; laden Sie neu und sehen Sie noch einmal nach.",
  error_413_title: "Zu viel auf einmal",
  error_413:
    "Das Gesendete ist größer, als wir annehmen; nichts davon wurde behalten. Gehen Sie zurück und senden Sie weniger.",
  error_429_title: "Zu viele Versuche",
  error_429: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
  error_503_title: "Gerade nicht verfügbar",
  error_503: "Nichts wurde gezählt und nichts ging verloren. Versuchen Sie es gleich noch einmal.",
  error_500_title: "Etwas ist schiefgegangen",
  error_500: "Es liegt an uns und ist vermerkt. Versuchen Sie es gleich noch einmal.",
  mail_link_subject: "Ihr Anmeldelink",
  mail_link_text:
    "Öffnen Sie diesen Link innerhalb von 10 Minuten in dem Browser, in dem Sie ihn angefordert haben. Er gilt einmal.",
  mail_link_ignore: "Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese Mail.",
  mail_invitation_subject: "Sie sind zu Clawmeter eingeladen",
  mail_invitation_text: "{inviter} lädt Sie zu {tenant} auf Clawmeter ein.",
  mail_invitation_ignore:
    "Der Link gilt einmal, sieben Tage lang. Wenn Sie ihn nicht erwartet haben, ignorieren Sie diese Mail.",
};
