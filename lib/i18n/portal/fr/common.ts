import type { CommonMessages } from "../en/common.ts";

/** Words of every page, in the portal and of its public frame, in French. */
export const common: CommonMessages = {
  close: "Fermer",
  type_to_confirm: "Saisissez « {phrase} » pour confirmer",
  breadcrumb: "Fil d’Ariane",
  page_first: "Première page",
  page_next: "Page suivante",
  copy: "Copier",
  copied: "Copié",
  copied_to_clipboard: "Copié dans le presse-papiers",
  copy_key: "cette clé",
  copy_snippet: "cet exemple",
  never: "jamais",
  actions: "Actions",
  save: "Enregistrer",
  units: "Unités",
  time: "Heure",
  when: "Quand",
  what: "Quoi",
  role: "Rôle",
  email: "E-mail",
  pricing: "Tarifs",
  api_reference: "Référence de l’API",
  sign_in: "Se connecter",
  product_line:
    "Clawmeter évalue des instruments financiers et compte chaque appel une seule fois.",
};
