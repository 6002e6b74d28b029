import type { Context } from "../context.ts";
import { HttpError } from "../error.ts";
import { renderErrorRoute } from "../render/route.ts";
import type { LayoutConfig, MaybeLazy, Middleware, Route, RouteComponent } from "../types.ts";
import { applyLayoutConfig, BARE, type Frame, type Step } from "./chain.ts";

/** One part of a path with what is registered for everything below it. */
export interface Segment {
  readonly parent: Segment | null;
  readonly children: Map<string, Segment>;
  readonly middlewares: Step["run"][];
  layout: {
    component: RouteComponent<unknown>;
    config: LayoutConfig | undefined;
  } | null;
  errorRoute: MaybeLazy<Route<unknown>> | null;
  /** Set on the root only. */
  app: RouteComponent<unknown> | null;
  notFound: Middleware<unknown> | null;
}

export function newSegment(parent: Segment | null): Segment {
  return {
    parent,
    children: new Map(),
    middlewares: [],
    layout: null,
    errorRoute: null,
    app: null,
    notFound: null,
  };
}

/**
 * Walks to the segment of `path`; the last part counts only with `includeLast`, and optional groups
 * not at all.
 */
export function segmentOf(root: Segment, path: string, includeLast: boolean): Segment {
  if (path === "*" || path === "/*") return root;
  const parts = path.replaceAll(/\{[^}]*\}\??/g, "").split("/").filter((part) => part !== "");
  if (!includeLast && !path.endsWith("/")) parts.pop();
  let current = root;
  for (const part of parts) {
    let child = current.children.get(part);
    if (child === undefined) {
      child = newSegment(current);
      current.children.set(part, child);
    }
    current = child;
  }
  return current;
}

export interface SegmentSteps {
  steps: Step[];
  /** The frame of whatever is appended to the steps. */
  frame: Frame;
}

/**
 * The steps in front of a handler in this segment, root first: per segment its error catcher, then
 * its middlewares. Later registrations do not change them, so the order of App calls matters.
 */
export function stepsOf(segment: Segment): SegmentSteps {
  const lineage: Segment[] = [];
  for (let at: Segment | null = segment; at !== null; at = at.parent) {
    lineage.unshift(at);
  }
  const root = lineage[0] ?? segment;
  const steps: Step[] = [];
  let frame: Frame = root.app === null ? BARE : { app: root.app, layouts: [] };
  for (const { layout, errorRoute, middlewares } of lineage) {
    if (layout !== null) {
      const outer = applyLayoutConfig(frame, layout.config);
      frame = { app: outer.app, layouts: [...outer.layouts, layout.component] };
    }
    if (errorRoute !== null || root.notFound !== null) {
      steps.push({ run: catcher(errorRoute, root.notFound), frame });
    }
    for (const run of middlewares) steps.push({ run, frame });
  }
  return { steps, frame };
}

function catcher(
  errorRoute: MaybeLazy<Route<unknown>> | null,
  notFound: Middleware<unknown> | null,
): (ctx: Context<unknown>) => Promise<Response> {
  return (ctx) =>
    ctx.next().catch((error) => {
      const status = error instanceof HttpError ? error.status : 500;
      if (notFound !== null && status === 404) return notFound(ctx);
      if (errorRoute === null) throw error;
      return renderErrorRoute(ctx, errorRoute, status);
    });
}
