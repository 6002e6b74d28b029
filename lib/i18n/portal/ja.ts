import { actions } from "./ja/actions.ts";
import { alerts } from "./ja/alerts.ts";
import { answers } from "./ja/answers.ts";
import { books } from "./ja/books.ts";
import { build } from "./ja/build.ts";
import { common } from "./ja/common.ts";
import { entry } from "./ja/entry.ts";
import { figures } from "./ja/figures.ts";
import { frame } from "./ja/frame.ts";
import { people } from "./ja/people.ts";
import { plan } from "./ja/plan.ts";
import { reasons } from "./ja/reasons.ts";
import type { PortalMessages } from "./messages.ts";

/**
 * The portal in Japanese.
 *
 * API key = APIキー · call = 呼び出し, request = リクエスト · unit = ユニット · meter = メーター · quota = 上限 ·
 * budget = 予算 · plan = プラン · tier = 段階 · statement = 利用明細 · invoice = 請求書 · credit = クレジット ·
 * webhook = Webhook · scope = スコープ · tenant = テナント · member = メンバー. Sentences end in です・ます.
 */
export const ja: PortalMessages = {
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
