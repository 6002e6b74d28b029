import type { CommonMessages } from "../en/common.ts";

/** Words of every page, in the portal and of its public frame, in Japanese. */
export const common: CommonMessages = {
  close: "閉じる",
  type_to_confirm: "確認のため「{phrase}」と入力してください",
  breadcrumb: "パンくずリスト",
  page_first: "最初のページ",
  page_next: "次のページ",
  copy: "コピー",
  copied: "コピーしました",
  copied_to_clipboard: "クリップボードにコピーしました",
  copy_key: "このキー",
  copy_snippet: "この例",
  never: "なし",
  actions: "操作",
  save: "保存",
  units: "ユニット",
  time: "日時",
  when: "日時",
  what: "内容",
  role: "役割",
  email: "メールアドレス",
  pricing: "料金",
  api_reference: "APIリファレンス",
  sign_in: "サインイン",
  product_line: "Clawmeter は金融商品を評価し、すべての呼び出しを一度だけ計測します。",
};
