import type { VNode } from "preact";

const ALLOWED = new Set(["title", "meta", "link", "style", "script", "base", "noscript"]);

export function isHeadElement(type: unknown): type is string {
  return typeof type === "string" && ALLOWED.has(type);
}

/** The elements that `Head` components put into the document's head; later equals win. */
export class HeadItems {
  readonly #items = new Map<string, VNode>();

  add(vnode: VNode): void {
    const key = headKey(vnode);
    this.#items.delete(key);
    this.#items.set(key, vnode);
  }

  /** Whether an element of the layout's own head is replaced by one of these. */
  replaces(vnode: VNode): boolean {
    return this.#items.size > 0 && this.#items.has(headKey(vnode));
  }

  get vnodes(): VNode[] {
    return [...this.#items.values()];
  }
}

const IDENTIFYING = [
  "name",
  "property",
  "http-equiv",
  "httpEquiv",
  "charset",
  "charSet",
  "itemprop",
];

/** Two head elements with the same key mean the same thing. */
function headKey(vnode: VNode): string {
  const { type, key } = vnode;
  const props: Record<string, unknown> = { ...vnode.props };
  if (type === "title" || type === "base") return String(type);
  if (key !== null && key !== undefined) return `${type} key ${key}`;
  if (type === "meta") {
    const name = IDENTIFYING.find((attribute) => props[attribute] !== undefined);
    if (name !== undefined) {
      const value = name.toLowerCase() === "charset" ? "" : props[name];
      return `meta ${name.toLowerCase()} ${value}`;
    }
  }
  const attributes = Object.keys(props).filter((name) => typeof props[name] !== "object").sort();
  return `${type} ${JSON.stringify(attributes.map((name) => [name, String(props[name])]))}`;
}
