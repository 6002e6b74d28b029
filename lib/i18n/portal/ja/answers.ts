import type { AnswersMessages } from "../en/answers.ts";

/** What an action did, and what is wrong with a form, in Japanese. */
export const answers: AnswersMessages = {
  flash_key_revoked: "キーを失効させました。今後このキーによる呼び出しは拒否されます。",
  flash_plan_changed: "プランを変更しました。次の呼び出しから適用されます。",
  flash_budget_saved: "予算を保存しました。",
  flash_budget_removed: "予算を解除しました。",
  flash_alerts_saved: "アラートを保存しました。",
  flash_alert_tested: "テストアラートを送信しました。",
  flash_alert_test_failed:
    "テストアラートを配信できませんでした。アドレスと Webhook をご確認ください。",
  flash_alert_no_channel: "送信先のメールアドレスも Webhook もありません。",
  flash_settings_saved: "設定を保存しました。",
  flash_member_invited: "招待を送信しました。",
  flash_mail_failed:
    "招待は作成されましたが、メールを送信できませんでした。取り消してからもう一度お試しください。",
  flash_member_changed: "役割を変更しました。",
  flash_member_removed: "メンバーを削除し、すべての端末からサインアウトしました。",
  flash_invitation_revoked: "招待を取り消しました。",
  flash_session_ended: "セッションを終了しました。",
  flash_conflict:
    "その間に他の人が変更しました。何も上書きされていません。もう一度ご確認ください。",
  flash_units_outstanding:
    "使用量を決済事業者へ送信中です。プランを確認し、1分後にもう一度お試しください。",
  flash_key_sent_before:
    "これは二度送信されました。キーは作成済みで、シークレットは最初の応答にだけ表示されました。お手元にない場合は、最新のキーをローテーションするか取り消してください。",
  flash_sent_before: "すでに送信・実行済みです。二度は実行されていません。",
  flash_not_confirmed: "確認の入力が一致しないため、何も実行されていません。",
  flash_last_owner: "テナントには少なくとも1人のオーナーが必要です。",
  flash_refused: "拒否されました。何も変更されていません。",
  flash_billing_unavailable: "決済事業者が現在応答していません。後ほどお試しください。",
  fault_name: "名前は1～200文字です",
  fault_scopes: "スコープを1つ以上選んでください",
  fault_addresses: "各行はアドレスまたは 203.0.113.0/24 のようなCIDR範囲で、最大50件です",
  fault_expiry: "有効期限は今より後、10年以内です",
  fault_too_many_keys: "テナントの有効なキーは50個までです。先に1つ失効させてください",
  fault_time_zone: "Europe/Paris のようなタイムゾーンを選んでください",
  fault_locale: "言語を選んでください",
  fault_color: "色は #rrggbb の形式で入力してください",
  fault_url: "ユーザー名を含まない公開 https アドレスを入力するか、空欄にしてください",
  fault_amount: "12.50 のような0より大きい数。予算なしは空欄",
  fault_emails: "メールアドレスはカンマ区切りで5件までです",
  fault_email: "ada@example.com のようなメールアドレスを入力してください",
  fault_member_exists: "この人はすでにメンバーです",
  fault_invitation_exists: "このアドレスはすでに招待済みです。別の招待を送るには取り消してください",
  fault_too_many_members: "メンバーと招待の上限に達しています",
  fault_link_invalid: "このリンクは使用済みか期限切れです。新しいリンクを請求してください",
  fault_link_other_browser:
    "請求したブラウザでリンクを開くか、ここで新しいリンクを請求してください",
  fault_invitation_gone:
    "この招待は使用済み、取り消し済み、または期限切れです。新しい招待を依頼してください",
  fault_rate_limited: "試行回数が多すぎます。{minutes}分後にもう一度お試しください",
  fault_other: "受け付けられませんでした。確認してもう一度お試しください",
  flash_too_often: "短時間に繰り返し実行されました。15分後にもう一度お試しください。",
  flash_sessions_ended: "他のセッションを終了しました。",
};
