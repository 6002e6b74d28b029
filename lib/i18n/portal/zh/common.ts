import type { CommonMessages } from "../en/common.ts";

/** Words of every page, in the portal and of its public frame, in Chinese. */
export const common: CommonMessages = {
  close: "关闭",
  type_to_confirm: "输入“{phrase}”以确认",
  breadcrumb: "面包屑导航",
  page_first: "第一页",
  page_next: "下一页",
  copy: "复制",
  copied: "已复制",
  copied_to_clipboard: "已复制到剪贴板",
  copy_key: "此密钥",
  copy_snippet: "此示例",
  never: "从未",
  actions: "操作",
  save: "保存",
  units: "单位数",
  time: "时间",
  when: "时间",
  what: "内容",
  role: "角色",
  email: "电子邮件",
  pricing: "价格",
  api_reference: "API 参考",
  sign_in: "登录",
  product_line: "Clawmeter 评估金融工具，并对每次调用只计量一次。",
};
