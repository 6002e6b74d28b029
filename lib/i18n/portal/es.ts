import { actions } from "./es/actions.ts";
import { alerts } from "./es/alerts.ts";
import { answers } from "./es/answers.ts";
import { books } from "./es/books.ts";
import { build } from "./es/build.ts";
import { common } from "./es/common.ts";
import { entry } from "./es/entry.ts";
import { figures } from "./es/figures.ts";
import { frame } from "./es/frame.ts";
import { people } from "./es/people.ts";
import { plan } from "./es/plan.ts";
import { reasons } from "./es/reasons.ts";
import type { PortalMessages } from "./messages.ts";

/**
 * The portal in Spanish.
 *
 * API key = clave de API · call = llamada, request = petición · unit = unidad · meter = medidor · quota = cuota ·
 * budget = presupuesto · plan = plan · tier = tramo · statement = extracto · invoice = factura · credit = crédito ·
 * webhook = webhook · scope = permiso · tenant = organización · member = miembro. People are usted.
 */
export const es: PortalMessages = {
  ...frame,
  ...figures,
  ...common,
  ...build,
  ...plan,
  ...books,
  ...alerts,
  ...people,
  ...entry,
  ...answers,
  ...actions,
  ...reasons,
};
