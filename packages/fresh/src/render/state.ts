import type { VNode } from "preact";
import type { Island } from "../types.ts";
import { HeadItems } from "./head_items.ts";

/** What one document collects while its components render. */
export interface RenderState {
  readonly nonce: string;
  // deno-lint-ignore no-explicit-any
  readonly islandRegistry: ReadonlyMap<any, Island>;
  /** The islands on the page, in order of first appearance. */
  readonly islands: Set<Island>;
  /** The props of each occurrence of an island; its marker holds the index. */
  readonly islandProps: Record<string, unknown>[];
  readonly head: HeadItems;
  /** How many `Head` components are open. */
  headComponents: number;
  /** Set while the document's own `<head>` renders. */
  headElement: VNode | null;
  readonly seen: { html: boolean; head: boolean; body: boolean };
}

export function newRenderState(islandRegistry: RenderState["islandRegistry"]): RenderState {
  return {
    nonce: crypto.randomUUID().replaceAll("-", ""),
    islandRegistry,
    islands: new Set(),
    islandProps: [],
    head: new HeadItems(),
    headComponents: 0,
    headElement: null,
    seen: { html: false, head: false, body: false },
  };
}

let current: RenderState | null = null;

/** The state of the document that renders now; rendering is synchronous. */
export function renderState(): RenderState | null {
  return current;
}

export function withRenderState<T>(state: RenderState, render: () => T): T {
  const outer = current;
  current = state;
  try {
    return render();
  } finally {
    current = outer;
  }
}
