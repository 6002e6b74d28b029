import { type FunctionComponent, h, type VNode } from "preact";
import type { Context } from "../context.ts";
import type { PageProps, RouteComponent } from "../types.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

/**
 * Prepares a page, layout or app component for rendering. An `async function` is awaited here and
 * may answer with a whole response; any other component is left to Preact.
 */
export async function callComponent(
  component: RouteComponent<Any>,
  ctx: Context<Any>,
): Promise<VNode | Response | null> {
  const props = propsOf(ctx);
  if (isAsyncFunction(component)) {
    return await component(props) as VNode | Response | null;
  }
  return h<Any>(component as FunctionComponent<Any>, props);
}

function isAsyncFunction(component: RouteComponent<Any>): component is (
  props: PageProps<Any, Any>,
) => Promise<VNode | Response | null> {
  return typeof component === "function" &&
    component.constructor.name === "AsyncFunction";
}

function propsOf(ctx: Context<Any>): PageProps<Any, Any> {
  return {
    config: ctx.config,
    url: ctx.url,
    req: ctx.req,
    params: ctx.params,
    info: ctx.info,
    state: ctx.state,
    isPartial: ctx.isPartial,
    Component: ctx.Component,
    error: ctx.error,
    route: ctx.route,
    data: ctx.data,
  };
}
