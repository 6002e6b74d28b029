import { actions } from "./de/actions.ts";
import { alerts } from "./de/alerts.ts";
import { answers } from "./de/answers.ts";
import { books } from "./de/books.ts";
import { build } from "./de/build.ts";
import { common } from "./de/common.ts";
import { entry } from "./de/entry.ts";
import { figures } from "./de/figures.ts";
import { frame } from "./de/frame.ts";
import { people } from "./de/people.ts";
import { plan } from "./de/plan.ts";
import { reasons } from "./de/reasons.ts";
import type { PortalMessages } from "./messages.ts";

/**
 * The portal in German.
 *
 * API key = API-Schlüssel · call = Aufruf, request = Anfrage · unit = Einheit · meter = Zähler · quota =
 * Kontingent · budget = Budget · plan = Tarif · tier = Stufe · statement = Abrechnung · invoice = Rechnung ·
 * credit = Guthaben · webhook = Webhook · scope = Berechtigung · tenant = Mandant · member = Mitglied. People are Sie.
 */
export const de: PortalMessages = {
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
