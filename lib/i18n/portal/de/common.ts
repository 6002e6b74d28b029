import type { CommonMessages } from "../en/common.ts";

/** Words of every page, in the portal and of its public frame, in German. */
export const common: CommonMessages = {
  close: "Schließen",
  type_to_confirm: "Zur Bestätigung „{phrase}“ eingeben",
  breadcrumb: "Pfad",
  page_first: "Erste Seite",
  page_next: "Nächste Seite",
  copy: "Kopieren",
  copied: "Kopiert",
  copied_to_clipboard: "In die Zwischenablage kopiert",
  copy_key: "dieser Schlüssel",
  copy_snippet: "dieses Beispiel",
  never: "nie",
  actions: "Aktionen",
  save: "Speichern",
  units: "Einheiten",
  time: "Zeit",
  when: "Wann",
  what: "Was",
  role: "Rolle",
  email: "E-Mail",
  pricing: "Preise",
  api_reference: "API-Referenz",
  sign_in: "Anmelden",
  product_line: "Clawmeter bewertet Finanzinstrumente und zählt jeden Aufruf genau einmal.",
};
