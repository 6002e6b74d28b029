/**
 * Runs in the browser: finds the islands that the server marked and renders each one in place.
 * @module
 */
import { computed, signal } from "@preact/signals";
import { type ComponentType, type ContainerNode, h, render } from "preact";
import { parse } from "../jsonify/parse.ts";

// deno-lint-ignore no-explicit-any
type Components = Record<string, ComponentType<any>>;
type Props = Record<string, unknown>;

interface Marked {
  name: string;
  propsIndex: number;
  nodes: ChildNode[];
  end: Comment;
}

/** Makes the page's islands interactive; `serialized` holds the props of all of them. */
export function boot(components: Components, serialized: string): void {
  const allProps = parse<Props[]>(serialized, { signal, computed });
  for (const island of markedIslands()) {
    const component = components[island.name];
    if (component === undefined) continue;
    revive(island, h(component, allProps[island.propsIndex] ?? {}));
  }
}

const START = /^frsh:island:(.+):(\d+):(.*)$/;
const END = "/frsh:island";

function markedIslands(): Marked[] {
  const comments = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_COMMENT);
  const found: Marked[] = [];
  while (comments.nextNode()) {
    const start = comments.currentNode;
    const [, name, propsIndex] = START.exec(start.nodeValue ?? "") ?? [];
    if (name === undefined) continue;
    const nodes: ChildNode[] = [];
    let node = start.nextSibling;
    while (node !== null && !(node instanceof Comment && node.data === END)) {
      nodes.push(node);
      node = node.nextSibling;
    }
    if (node instanceof Comment) {
      found.push({ name, propsIndex: Number(propsIndex), nodes, end: node });
    }
  }
  return found;
}

function revive(island: Marked, vnode: ReturnType<typeof h>): void {
  const run = () => render(vnode, rootBetween(island));
  const scheduler: unknown = Reflect.get(globalThis, "scheduler");
  if (hasPostTask(scheduler)) void scheduler.postTask(run);
  else setTimeout(run, 0);
}

function hasPostTask(value: unknown): value is { postTask(task: () => void): Promise<unknown> } {
  return typeof value === "object" && value !== null && "postTask" in value;
}

/** A stand-in parent for Preact that owns just the nodes between an island's markers. */
function rootBetween({ nodes, end }: Marked): ContainerNode {
  const parent = end.parentNode;
  if (parent === null) throw new Error("An island's marker left the document");
  const insert = (child: Node, before: Node | null) => parent.insertBefore(child, before ?? end);
  const root = {
    nodeType: Node.ELEMENT_NODE,
    parentNode: parent,
    ownerDocument: parent.ownerDocument,
    namespaceURI: parent instanceof Element ? parent.namespaceURI : null,
    firstChild: nodes[0] ?? null,
    childNodes: nodes,
    contains: (node: Node | null) => parent.contains(node),
    insertBefore: insert,
    appendChild: (child: Node) => insert(child, null),
    removeChild: (child: Node) => parent.removeChild(child),
  };
  return root as unknown as ContainerNode;
}
