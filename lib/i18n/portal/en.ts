import { actions } from "./en/actions.ts";
import { alerts } from "./en/alerts.ts";
import { answers } from "./en/answers.ts";
import { books } from "./en/books.ts";
import { build } from "./en/build.ts";
import { common } from "./en/common.ts";
import { entry } from "./en/entry.ts";
import { figures } from "./en/figures.ts";
import { frame } from "./en/frame.ts";
import { people } from "./en/people.ts";
import { plan } from "./en/plan.ts";
import { reasons } from "./en/reasons.ts";

/**
 * The portal in English, the reference: every other catalogue has exactly these keys and placeholders.
 *
 * One word per idea: API key, call (and request, where a single one is named by its id), unit, meter, quota,
 * budget, plan, tier, statement (our books), invoice (what is billed), credit, webhook, scope, tenant, member.
 */
export const en = {
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
} as const;
