import type { ReasonsMessages } from "../en/reasons.ts";

/** Why a call was refused, by the code of its problem, in Chinese. */
export const reasons: ReasonsMessages = {
  why_instrument_not_found: "未存储该金融工具",
  why_validation_failed: "某个值无效",
  why_invalid_query: "某个查询参数无效",
  why_malformed_json: "正文不是有效的 JSON",
  why_body_too_large: "正文过大",
  why_batch_too_large: "批次过大",
  why_unsupported_media_type: "不支持该内容类型",
  why_rate_limited: "同时调用过多",
  why_quota_exceeded: "本周期配额已用尽",
  why_budget_exceeded: "本周期预算已用尽",
  why_scope_missing: "密钥缺少权限范围",
  why_address_not_allowed: "此地址不得使用该密钥",
  why_feature_not_in_plan: "套餐不含此功能",
  why_meter_not_in_plan: "套餐不含此计量项",
  why_payment_overdue: "付款已逾期",
  why_tenant_suspended: "租户已被停用",
  why_idempotency_key_reused: "该幂等键已用于其他调用",
  why_idempotency_in_progress: "相同的调用仍在处理",
  why_invalid_event: "这不是用量事件",
  why_not_found: "此地址没有内容",
  why_unavailable: "我方短暂不可用",
  why_internal_error: "我方出现问题",
};
