import { type ComponentChildren, Fragment, h, type VNode } from "preact";
import { useContext } from "preact/hooks";
import { IS_BROWSER } from "./environment.ts";
import { InsideIsland } from "./inside_island.ts";

/**
 * Moves its children into the document's head: a title replaces the one before, other elements
 * replace their equals. Works on the server only; inside an island it throws.
 */
export function Head({ children }: { children?: ComponentChildren }): VNode {
  const insideIsland = useContext(InsideIsland);
  if (IS_BROWSER || insideIsland) throw new Error(HEAD_IN_ISLAND);
  return h(Fragment, null, children);
}

const HEAD_IN_ISLAND =
  "<Head> inside an island is not implemented: this build of Fresh changes the head on the server only";
