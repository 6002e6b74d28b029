import { actions } from "./fr/actions.ts";
import { alerts } from "./fr/alerts.ts";
import { answers } from "./fr/answers.ts";
import { books } from "./fr/books.ts";
import { build } from "./fr/build.ts";
import { common } from "./fr/common.ts";
import { entry } from "./fr/entry.ts";
import { figures } from "./fr/figures.ts";
import { frame } from "./fr/frame.ts";
import { people } from "./fr/people.ts";
import { plan } from "./fr/plan.ts";
import { reasons } from "./fr/reasons.ts";
import type { PortalMessages } from "./messages.ts";

/**
 * The portal in French.
 *
 * API key = clé d’API · call = appel, request = requête · unit = unité · meter = compteur · quota = quota ·
 * budget = budget · plan = forfait · tier = tranche · statement = relevé · invoice = facture · credit = crédit ·
 * webhook = webhook · scope = portée · tenant = organisation · member = membre. People are vous; a no-break space
 * stands before : ; ? ! and %.
 */
export const fr: PortalMessages = {
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
