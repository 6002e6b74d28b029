import type { ReasonsMessages } from "../en/reasons.ts";

/** Why a call was refused, by the code of its problem, in Japanese. */
export const reasons: ReasonsMessages = {
  why_instrument_not_found: "その金融商品は登録されていません",
  why_validation_failed: "値が正しくありません",
  why_invalid_query: "クエリパラメーターが正しくありません",
  why_malformed_json: "本文が正しいJSONではありません",
  why_body_too_large: "本文が大きすぎます",
  why_batch_too_large: "バッチが大きすぎます",
  why_unsupported_media_type: "コンテンツタイプに対応していません",
  why_rate_limited: "一度の呼び出しが多すぎます",
  why_quota_exceeded: "期間の上限に達しました",
  why_budget_exceeded: "期間の予算を使い切りました",
  why_scope_missing: "キーにスコープが足りません",
  why_address_not_allowed: "このアドレスからはキーを使えません",
  why_feature_not_in_plan: "プランにこの機能は含まれません",
  why_meter_not_in_plan: "プランにこのメーターは含まれません",
  why_payment_overdue: "支払いが遅れています",
  why_tenant_suspended: "テナントは停止中です",
  why_idempotency_key_reused: "この冪等キーは別の呼び出しで使われました",
  why_idempotency_in_progress: "同じ呼び出しを処理中です",
  why_invalid_event: "使用イベントではありません",
  why_not_found: "このアドレスには何もありません",
  why_unavailable: "一時的に利用できませんでした",
  why_internal_error: "当社側で問題が発生しました",
};
