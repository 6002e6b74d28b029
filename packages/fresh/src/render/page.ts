import { Fragment, h, type VNode } from "preact";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import type { BuildCache } from "../build_cache.ts";
import { type Context, setChild } from "../context.ts";
import type { Frame } from "../routing/chain.ts";
import type { Island } from "../types.ts";
import { callComponent } from "./component.ts";
import { assembleDocument, bootScript, type IslandScripts } from "./document.ts";
import { installHooks } from "./hooks.ts";
import { newRenderState, type RenderState, withRenderState } from "./state.ts";

/** Where `csp({ useNonce: true })` finds the nonce of a rendered response. */
export const NONCE = Symbol.for("__freshNonce");

export interface PageRender {
  vnode: VNode | null;
  frame: Frame;
  init: ResponseInit;
  cache: BuildCache | null;
}

const NO_ISLANDS: ReadonlyMap<unknown, Island> = new Map();

/**
 * Renders a page in its layouts, innermost first, then the app wrapper around the finished page, and
 * completes the document. A layout or app wrapper that answers with a response replaces it all.
 */
export async function renderPage(
  // deno-lint-ignore no-explicit-any
  ctx: Context<any>,
  { vnode, frame, init, cache }: PageRender,
): Promise<Response> {
  installHooks();
  let page = vnode;
  for (const layout of frame.layouts.toReversed()) {
    setChild(ctx, page);
    const wrapped = await callComponent(layout, ctx);
    if (wrapped instanceof Response) return wrapped;
    page = wrapped;
  }
  const state = newRenderState(cache?.islandRegistry ?? NO_ISLANDS);
  let html = render(state, page);
  if (frame.app !== null) {
    setChild(ctx, rawHtml(html));
    const wrapped = await callComponent(frame.app, ctx);
    if (wrapped instanceof Response) return wrapped;
    html = render(state, wrapped);
  }
  const document = assembleDocument({
    html,
    head: withRenderState(state, () => renderToString(h(Fragment, null, ...state.head.vnodes))),
    seen: state.seen,
    scripts: scriptsOf(state, cache, ctx.config.basePath),
  });
  return respond(document, { init, state, cache, basePath: ctx.config.basePath });
}

function render(state: RenderState, vnode: VNode | null): string {
  return withRenderState(state, () => renderToString(vnode ?? h(Fragment, null)));
}

/** A vnode that renders to exactly this HTML. */
function rawHtml(html: string): VNode {
  return jsxTemplate([html]) as VNode;
}

function scriptsOf(state: RenderState, cache: BuildCache | null, basePath: string): string {
  const live = cache?.liveReloadScript(state.nonce) ?? "";
  const scripts = islandScripts(state, cache, basePath);
  return scripts === null ? live : bootScript(scripts) + live;
}

function islandScripts(
  state: RenderState,
  cache: BuildCache | null,
  basePath: string,
): IslandScripts | null {
  if (cache === null || state.islands.size === 0) return null;
  return {
    runtime: basePath + cache.clientEntry,
    islands: [...state.islands].map((island) => ({ ...island, file: basePath + island.file })),
    props: state.islandProps,
    nonce: state.nonce,
  };
}

interface Rendered {
  init: ResponseInit;
  state: RenderState;
  cache: BuildCache | null;
  basePath: string;
}

function respond(document: string, { init, state, cache, basePath }: Rendered): Response {
  const headers = new Headers(init.headers);
  headers.set("content-type", "text/html; charset=utf-8");
  const scripts = islandScripts(state, cache, basePath);
  if (scripts !== null) {
    const files = new Set([
      scripts.runtime,
      ...scripts.islands.map(({ file }) => file),
    ]);
    const links = [...files].map((file) =>
      `<${encodeURI(file)}>; rel="modulepreload"; as="script"`
    );
    headers.append("link", links.join(", "));
  }
  const response = new Response(document, { ...init, headers });
  Reflect.set(response, NONCE, state.nonce);
  return response;
}
