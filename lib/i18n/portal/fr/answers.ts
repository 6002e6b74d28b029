import type { AnswersMessages } from "../en/answers.ts";

/** What an action did, and what is wrong with a form, in French. */
export const answers: AnswersMessages = {
  flash_key_revoked: "La clé est révoquée ; les appels avec elle sont désormais refusés.",
  flash_plan_changed: "Le forfait est changé. Il vaut dès le prochain appel.",
  flash_budget_saved: "Le budget est enregistré.",
  flash_budget_removed: "Le budget est supprimé.",
  flash_alerts_saved: "Les alertes sont enregistrées.",
  flash_alert_tested: "Une alerte de test est en route.",
  flash_alert_test_failed:
    "L’alerte de test n’a pas pu être remise ; vérifiez les adresses et le webhook.",
  flash_alert_no_channel: "Il n’y a ni adresse e-mail ni webhook de destination.",
  flash_settings_saved: "Les paramètres sont enregistrés.",
  flash_member_invited: "L’invitation est en route.",
  flash_mail_failed:
    "L’invitation existe, mais son e-mail n’a pas pu être envoyé. Révoquez-la et réessayez.",
  flash_member_changed: "Le rôle est modifié.",
  flash_member_removed: "Le membre est retiré et déconnecté partout.",
  flash_invitation_revoked: "L’invitation n’est plus valable.",
  flash_session_ended: "La session est terminée.",
  flash_conflict:
    "Quelqu’un d’autre l’a modifié entre-temps. Rien n’a été écrasé ; regardez à nouveau.",
  flash_units_outstanding:
    "De l’utilisation est encore en route vers le prestataire de paiement. Vérifiez votre forfait et réessayez dans une minute.",
  flash_key_sent_before:
    "Cela a été envoyé deux fois. La clé a été créée, et seule la première réponse a montré son secret : s’il vous manque, renouvelez ou révoquez la clé la plus récente.",
  flash_sent_before: "Cela a déjà été envoyé et fait. Rien n’a été fait une seconde fois.",
  flash_not_confirmed: "Rien n’a été fait : la confirmation ne correspondait pas.",
  flash_last_owner: "Une organisation a besoin d’au moins un propriétaire.",
  flash_refused: "Cela a été refusé. Rien n’a changé.",
  flash_billing_unavailable:
    "Le prestataire de paiement ne répond pas pour l’instant. Réessayez plus tard.",
  fault_name: "Un nom compte de 1 à 200 caractères",
  fault_scopes: "Choisissez au moins une portée",
  fault_addresses:
    "Chaque ligne est une adresse ou une plage CIDR comme 203.0.113.0/24, 50 au plus",
  fault_expiry: "Une clé expire plus tard que maintenant et sous dix ans",
  fault_too_many_keys: "Une organisation a au plus 50 clés actives ; révoquez-en une d’abord",
  fault_time_zone: "Choisissez un fuseau horaire comme Europe/Paris",
  fault_locale: "Choisissez l’une des langues",
  fault_color: "La couleur doit s’écrire #rrggbb",
  fault_url: "Une adresse https publique sans nom d’utilisateur, ou rien",
  fault_amount: "Un nombre comme 12.50, supérieur à zéro ; vide pour aucun budget",
  fault_emails: "Au plus 5 adresses e-mail, séparées par des virgules",
  fault_email: "Ce n’est pas une adresse e-mail comme ada@example.com",
  fault_member_exists: "Cette personne est déjà membre",
  fault_invitation_exists:
    "Cette adresse est déjà invitée ; révoquez l’invitation pour en envoyer une autre",
  fault_too_many_members: "Il n’y a plus de place pour d’autres membres et invitations",
  fault_link_invalid: "Ce lien a déjà servi ou est trop ancien ; demandez-en un nouveau",
  fault_link_other_browser:
    "Ouvrez le lien dans le navigateur où vous l’avez demandé, ou demandez-en un nouveau ici",
  fault_invitation_gone:
    "Cette invitation a été utilisée, révoquée ou est trop ancienne ; demandez-en une nouvelle",
  fault_rate_limited: "Trop de tentatives ; réessayez dans {minutes} min",
  fault_other: "Cela a été refusé ; vérifiez et réessayez",
  flash_too_often: "Cela vient d’être fait souvent. Réessayez dans un quart d’heure.",
  flash_sessions_ended: "Vos autres sessions sont terminées.",
};
