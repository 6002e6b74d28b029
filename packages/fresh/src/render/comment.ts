import { Fragment, h, type VNode } from "preact";

/** An HTML comment, which Preact's server renderer writes for this prop of a fragment. */
export function comment(text: string): VNode {
  return h(Fragment, { UNSTABLE_comment: text } as Record<string, unknown>);
}

/** Marks where the collected head elements go; page text cannot contain it, as it is escaped. */
export const HEAD_SLOT = "frsh:head";
