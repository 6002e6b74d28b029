import type { ComponentChildren } from "preact";

/**
 * A text in one language with elements in place of its `{name}`s, wherever the language puts them;
 * a placeholder without an element stays as it is.
 */
export function phrase(
  text: string,
  parts: Readonly<Record<string, ComponentChildren>>,
): ComponentChildren[] {
  return text.split(/(\{\w+\})/).map((piece) => {
    const name = piece.slice(1, -1);
    return piece.startsWith("{") && Object.hasOwn(parts, name) ? parts[name] : piece;
  });
}
