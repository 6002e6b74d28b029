/** Anything JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * One text for equal values: keys in order of their UTF-16 code units, no white space, numbers as
 * ECMAScript prints them (RFC 8785). Members that are undefined are left out.
 *
 * @example
 * ```ts
 * canonicalJson({ b: [1, 2.50], a: "x" }); // {"a":"x","b":[1,2.5]}
 * ```
 */
export function canonicalJson(value: JsonValue): string {
  // The platform's own writer is several times faster, and right where the keys are in order.
  return isOrdered(value) ? JSON.stringify(value) : inOrder(value);
}

function inOrder(value: JsonValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(inOrder).join(",")}]`;
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${inOrder(member)}`;
  }
  return `{${text}}`;
}

function isOrdered(value: JsonValue | undefined): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (isList(value)) return value.every(isOrdered);
  let before = "";
  for (const key of Object.keys(value)) {
    if (key < before || !isOrdered(value[key])) return false;
    before = key;
  }
  return true;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
