import type { VNode } from "preact";

const ALLOWED = new Set([
  "title",
  "meta",
  "link",
  "style",
  "script",
  "base",
  "noscript",
  "template",
]);

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

/** Attributes that differ between elements which mean the same thing. */
const VARYING: Record<string, string> = { meta: "content", link: "href" };
const IGNORED = new Set(["children", "nonce", "ref", "dangerouslySetInnerHTML"]);

/** Two head elements with the same key mean the same thing. */
function headKey({ type, key, props }: VNode): string {
  if (key !== null && key !== undefined) return `key ${key}`;
  if (type === "title") return "title";
  const attributes = Object.entries(props as Record<string, unknown>)
    .filter(([name]) => !IGNORED.has(name) && name !== VARYING[String(type)])
    .map(([name, value]) => `${name}=${value}`);
  return `${type} ${attributes.sort().join(" ")} ${innerHtml(props)}`;
}

function innerHtml(props: object): string {
  const inner: unknown = Reflect.get(props, "dangerouslySetInnerHTML");
  return typeof inner === "object" && inner !== null && "__html" in inner
    ? String(inner.__html)
    : "";
}
