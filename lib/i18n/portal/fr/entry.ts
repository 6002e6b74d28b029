import type { EntryMessages } from "../en/entry.ts";

/** Signing in, errors and mails, in French. */
export const entry: EntryMessages = {
  look_in_mail: "Consultez vos e-mails",
  fresh_proof: "Il faut une nouvelle preuve que c’est bien vous : connectez-vous encore une fois.",
  session_ended: "Votre session est terminée. Reconnectez-vous.",
  provider_failed:
    "La connexion a échoué. Seules les personnes invitées peuvent se connecter ; réessayez ou demandez un lien.",
  work_email: "E-mail professionnel",
  link_hint:
    "Nous envoyons un lien valable une fois, pendant 10 minutes, dans ce navigateur. Il n’y a pas de mot de passe.",
  send_link: "Envoyer le lien",
  sign_in_with: "Se connecter avec {provider}",
  link_sent:
    "Si {email} appartient à un membre, un lien de connexion est en route. Il est valable une fois, pendant 10 minutes, dans ce navigateur.",
  sandbox_no_mail: "Bac à sable : aucun e-mail n’est envoyé",
  open_link_here: "Ouvrir le lien ici",
  another_address: "Utiliser une autre adresse",
  new_link: "Demander un nouveau lien",
  link_from_mail: "Lien reçu par e-mail",
  link_from_mail_hint: "Collez le lien entier, ou seulement son code.",
  link_signs_in: "Le lien vous connecte sur cet appareil. Il ne sert qu’une fois.",
  continue: "Continuer",
  join: "Rejoindre",
  accept_invitation: "Accepter l’invitation",
  your_name: "Votre nom",
  your_name_hint: "Les autres membres le voient.",
  send_again: "Envoyer à nouveau",
  resume_signed_out_title: "Votre session est terminée",
  resume_signed_out:
    "Rien n’a encore été fait, et votre saisie est conservée sur cette page. Connectez-vous dans un autre onglet, puis envoyez-la d’ici.",
  resume_signed_in_title: "Envoyez-le à nouveau",
  resume_signed_in:
    "Le formulaire date d’avant votre connexion. Rien n’a encore été fait ; il sera envoyé tel quel.",
  resume_step_up_title: "Prouvez que c’est bien vous",
  resume_step_up:
    "Il faut une nouvelle preuve, et votre connexion date un peu. Rien n’a encore été fait, et votre saisie est conservée sur cette page. Reconnectez-vous dans un autre onglet, puis envoyez-la d’ici.",
  sign_in_new_tab: "Se connecter dans un nouvel onglet",
  what_will_be_sent: "Ce qui sera envoyé",
  empty_value: "vide",
  which_tenant: "Quelle organisation ?",
  choose_tenant: "Choisir une organisation",
  to_portal: "Vers le portail",
  home: "Accueil",
  request_named: "Requête {id}",
  error_400_title: "Nous ne comprenons pas cette requête",
  error_400: "L’adresse ou le formulaire est mal formé. Revenez en arrière et réessayez.",
  error_403_title: "Non autorisé",
  error_403: "Vous êtes connecté, mais votre rôle ne le permet pas.",
  error_404_title: "Il n’y a rien ici",
  error_404: "La page n’existe pas, ou elle ne vous est pas destinée.",
  error_405_title: "Mauvaise entrée",
  error_405: "Cette adresse n’accepte pas ce genre de requête.",
  error_409_title: "Quelqu’un a été plus rapide",
  error_409: "Cela a changé entre-temps. Rien n’a été écrasé ; rechargez et regardez à nouveau.",
  error_413_title: "Trop à la fois",
  error_413:
    "Votre envoi dépasse ce que nous acceptons ; rien n’en a été gardé. Revenez en arrière et envoyez moins.",
  error_429_title: "Trop de tentatives",
  error_429: "Attendez une minute, puis réessayez.",
  error_503_title: "Indisponible pour l’instant",
  error_503: "Rien n’a été compté et rien n’a été perdu. Réessayez dans un instant.",
  error_500_title: "Une erreur s’est produite",
  error_500: "C’est notre faute et c’est consigné. Réessayez dans un instant.",
  mail_link_subject: "Votre lien de connexion",
  mail_link_text:
    "Ouvrez ce lien dans les 10 minutes, dans le navigateur où vous l’avez demandé. Il est valable une fois.",
  mail_link_ignore: "Si vous ne l’avez pas demandé, ignorez cet e-mail.",
  mail_invitation_subject: "Vous êtes invité sur Clawmeter",
  mail_invitation_text: "{inviter} vous invite à rejoindre {tenant} sur Clawmeter.",
  mail_invitation_ignore:
    "Le lien est valable une fois, pendant sept jours. Si vous ne l’attendiez pas, ignorez cet e-mail.",
};
