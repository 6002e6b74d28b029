import type { AlertsMessages } from "../en/alerts.ts";

/** Alerts and budget, in Japanese. */
export const alerts: AlertsMessages = {
  alerts_lede: "各しきい値は期間ごとに一度通知し、次の期間に再び通知します。",
  budget: "予算",
  budget_note: "1請求期間分、税抜き。",
  no_budget: "予算は設定されていません。",
  amount_in: "金額（{currency}）",
  budget_hint: "空欄にすると予算を解除します。",
  stop_at_budget: "予算で停止する",
  stop_at_budget_hint:
    "予算を超える呼び出しは、次の期間になるか予算を増やすまで 402 で拒否されます。",
  save_budget: "予算を保存",
  alerts: "アラート",
  alerts_note: "予算とプランの各上限の 50、75、90、100 % で通知します。",
  email_to: "通知先メール",
  emails_hint: "カンマ区切りで5件まで。",
  webhook: "Webhook",
  webhook_hint:
    "各メッセージは Standard Webhooks に従って署名されます。保存すると、秘密鍵と検証方法が表示されます。",
  signing_secret: "署名用の秘密鍵とメッセージの検証方法",
  snippet_webhook: "TypeScript（Deno、Node 20 以降、Bun）",
  save_alerts: "アラートを保存",
  send_test: "テスト送信",
  alerts_sent: "送信済み",
  alerts_sent_caption: "送信されたアラート",
  no_threshold_reached: "しきい値にはまだ達していません",
  no_threshold_text: "問題ありません。",
  threshold: "しきい値",
  delivery: "配信",
  delivery_waiting: "待機中",
  delivery_delivered: "配信済み",
  delivery_failed: "失敗",
  conflict_title: "その間に他の人が保存しました",
  conflict_text:
    "何も上書きされていません。下は入力内容です。置き換えるにはもう一度保存してください。",
  it_now_says: "現在の内容：{what}。",
  says_no_budget: "予算なし",
  says_budget_stops: "{amount}、到達で呼び出し停止",
  says_budget_alerts: "{amount}、通知のみ",
  says_nobody: "通知先なし",
};
