/**
 * Preact's option hooks, through which a render sees each element before it becomes HTML.
 * @module
 */
import { Fragment, h, options, type VNode } from "preact";
import { asset, assetSrcSet } from "../runtime/asset.ts";
import { Head } from "../runtime/head.ts";
import { comment, HEAD_SLOT } from "./comment.ts";
import { isHeadElement } from "./head_items.ts";
import { islandBoundary } from "./island_boundary.ts";
import { type RenderState, renderState } from "./state.ts";

// Preact names this hook `__b` in its published code.
type InternalOptions = typeof options & { __b?: (vnode: VNode) => void };

let installed = false;

export function installHooks(): void {
  if (installed) return;
  installed = true;
  const internal: InternalOptions = options;
  const nextBefore = internal.__b;
  internal.__b = (vnode) => {
    const state = renderState();
    if (state !== null) before(state, vnode);
    nextBefore?.(vnode);
  };
  const nextAfter = options.diffed;
  options.diffed = (vnode) => {
    const state = renderState();
    if (state !== null) after(state, vnode);
    nextAfter?.(vnode);
  };
}

type Props = Record<string, unknown>;

function before(state: RenderState, vnode: VNode): void {
  const { type } = vnode;
  if (typeof type === "string") {
    beforeElement(state, vnode, type);
  } else if (type === Head) {
    state.headComponents++;
  } else if (typeof type === "function") {
    const island = state.islandRegistry.get(type);
    if (island !== undefined) islandBoundary(state, vnode, island);
  }
}

function beforeElement(state: RenderState, vnode: VNode, type: string): void {
  if (state.headComponents > 0) {
    if (isHeadElement(type)) moveToHead(state, vnode);
    return;
  }
  const props = vnode.props as Props;
  if (props["f-client-nav"] !== undefined || props["f-partial"] !== undefined) {
    throw new Error(`<${type}> has f-client-nav or f-partial: this build of Fresh has no partials`);
  }
  switch (type) {
    case "html":
    case "body":
      state.seen[type] = true;
      return;
    case "head":
      beginHead(state, vnode, props);
      return;
    case "img":
    case "source":
      keyAssets(props);
      return;
    case "script":
    case "style":
      props.nonce ??= state.nonce;
  }
  if (state.headElement !== null && isHeadElement(type) && state.head.replaces(vnode)) {
    blank(vnode);
  }
}

function after(state: RenderState, vnode: VNode): void {
  if (vnode.type === Head) state.headComponents--;
  else if (vnode === state.headElement) state.headElement = null;
}

function moveToHead(state: RenderState, vnode: VNode): void {
  state.head.add(h<Props>(vnode.type as string, { ...vnode.props, key: vnode.key }));
  blank(vnode);
}

function beginHead(state: RenderState, vnode: VNode, props: Props): void {
  state.seen.head = true;
  state.headElement = vnode;
  props.children = [props.children, comment(HEAD_SLOT)];
}

function keyAssets(props: Props): void {
  if (props["data-fresh-disable-lock"] !== undefined) {
    delete props["data-fresh-disable-lock"];
    return;
  }
  if (typeof props.src === "string") props.src = asset(props.src);
  for (const name of ["srcset", "srcSet"]) {
    const value = props[name];
    if (typeof value === "string") props[name] = assetSrcSet(value);
  }
}

/** Makes an element render to nothing. */
function blank(vnode: VNode): void {
  vnode.type = Fragment;
  vnode.props = { children: null };
}
