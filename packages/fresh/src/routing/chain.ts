import type { Context } from "../context.ts";
import type { LayoutConfig, RouteComponent } from "../types.ts";

/** What a page rendered at some depth of the segment tree is wrapped in. */
export interface Frame {
  readonly app: RouteComponent<unknown> | null;
  /** Outermost first. */
  readonly layouts: readonly RouteComponent<unknown>[];
}

export const BARE: Frame = { app: null, layouts: [] };

/** One step of a request's way to its handler, with the frame that it renders in. */
export interface Step {
  // A lazy step replaces itself by what it loaded.
  // deno-lint-ignore no-explicit-any
  run: (ctx: Context<any>) => unknown;
  readonly frame: Frame;
}

/** All steps of a route, put together when the app starts. */
export type Chain = readonly Step[];

/** Where a request goes. */
export interface Target {
  /** The path or pattern that matched; `ctx.route`. */
  readonly route: string | null;
  readonly chain: Chain;
}

export function applyLayoutConfig(frame: Frame, config: LayoutConfig | undefined): Frame {
  if (config === undefined) return frame;
  const { skipAppWrapper = false, skipInheritedLayouts = false } = config;
  if (!skipAppWrapper && !skipInheritedLayouts) return frame;
  return {
    app: skipAppWrapper ? null : frame.app,
    layouts: skipInheritedLayouts ? [] : frame.layouts,
  };
}
