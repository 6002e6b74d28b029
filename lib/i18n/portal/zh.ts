import { actions } from "./zh/actions.ts";
import { alerts } from "./zh/alerts.ts";
import { answers } from "./zh/answers.ts";
import { books } from "./zh/books.ts";
import { build } from "./zh/build.ts";
import { common } from "./zh/common.ts";
import { entry } from "./zh/entry.ts";
import { figures } from "./zh/figures.ts";
import { frame } from "./zh/frame.ts";
import { people } from "./zh/people.ts";
import { plan } from "./zh/plan.ts";
import { reasons } from "./zh/reasons.ts";
import type { PortalMessages } from "./messages.ts";

/**
 * The portal in Chinese.
 *
 * API key = API 密钥 · call = 调用, request = 请求 · unit = 单位 · meter = 计量项 · quota = 配额 · budget = 预算 ·
 * plan = 套餐 · tier = 档 · statement = 对账单 · invoice = 发票 · credit = 预付额度 · webhook = Webhook ·
 * scope = 权限范围 · tenant = 租户 · member = 成员. Simplified; people are 您; blanks stand around Latin words.
 */
export const zh: PortalMessages = {
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
