import type { CommonMessages } from "../en/common.ts";

/** Words of every page, in the portal and of its public frame, in Spanish. */
export const common: CommonMessages = {
  close: "Cerrar",
  type_to_confirm: "Escriba «{phrase}» para confirmar",
  breadcrumb: "Ruta de navegación",
  page_first: "Primera página",
  page_next: "Página siguiente",
  copy: "Copiar",
  copied: "Copiado",
  copied_to_clipboard: "Copiado al portapapeles",
  copy_key: "esta clave",
  copy_snippet: "este ejemplo",
  never: "nunca",
  actions: "Acciones",
  save: "Guardar",
  units: "Unidades",
  time: "Hora",
  when: "Cuándo",
  what: "Qué",
  role: "Rol",
  email: "Correo electrónico",
  pricing: "Precios",
  api_reference: "Referencia de la API",
  sign_in: "Iniciar sesión",
  product_line: "Clawmeter evalúa instrumentos financieros y mide cada llamada una sola vez.",
};
