import { type ComponentType, Fragment, h, type VNode } from "preact";
import { useContext } from "preact/hooks";
import { InsideIsland } from "../runtime/inside_island.ts";
import type { Island } from "../types.ts";
import { comment } from "./comment.ts";
import type { RenderState } from "./state.ts";

const rendered = new WeakSet<VNode>();

type Props = Record<string, unknown>;

/**
 * Puts the markers that the browser looks for around an island and keeps its props. An island
 * inside another one is an ordinary component, as the outer one renders it in the browser.
 */
export function islandBoundary(state: RenderState, vnode: VNode, island: Island): void {
  if (rendered.has(vnode)) return;
  const component = vnode.type as ComponentType<Props>;
  vnode.type = function IslandBoundary(props: Props) {
    const inner = h(component, props);
    rendered.add(inner);
    if (useContext(InsideIsland)) return inner;
    state.islands.add(island);
    const index = state.islandProps.push({ ...props }) - 1;
    const key = vnode.key === null || vnode.key === undefined ? "" : String(vnode.key);
    return h(
      Fragment,
      null,
      comment(`frsh:island:${island.name}:${index}:${key.replaceAll("-", "_")}`),
      h(InsideIsland.Provider, { value: true, children: inner }),
      comment("/frsh:island"),
    );
  } as ComponentType;
}
