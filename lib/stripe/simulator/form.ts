import { StripeRefusal } from "./refusal.ts";

export type FormValue = string | FormObject | FormValue[];
export interface FormObject {
  [key: string]: FormValue;
}

const MAX_DEPTH = 6;
const MAX_PAIRS = 2_000;

/**
 * Form or query text as Stripe reads it: `a[b]=1` nests, `a[0]` and `a[]` are arrays. Refuses
 * what is deeper or longer than any real call.
 */
export function decodeForm(text: string): FormObject {
  const root: FormObject = Object.create(null);
  let pairs = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    pairs += 1;
    if (pairs > MAX_PAIRS) throw tooLarge();
    insert(root, pathOf(key), value);
  }
  return arraysIn(root);
}

function pathOf(key: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key);
  if (match === null) {
    throw new StripeRefusal(`Invalid parameter name: ${key}`, { param: key, beforeRun: true });
  }
  const rest = [...(match[2] ?? "").matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1] ?? "");
  const path = [match[1] ?? "", ...rest];
  if (path.length > MAX_DEPTH) throw tooLarge();
  return path;
}

function insert(root: FormObject, path: readonly string[], value: string): void {
  let at = root;
  for (const part of path.slice(0, -1)) {
    const next = at[part];
    if (isObject(next)) at = next;
    else {
      const made: FormObject = Object.create(null);
      at[part] = made;
      at = made;
    }
  }
  const last = path.at(-1) ?? "";
  at[last === "" ? String(Object.keys(at).length) : last] = value;
}

/** Objects whose keys are 0, 1, 2, … were arrays. */
function arraysIn(object: FormObject): FormObject {
  const made: FormObject = Object.create(null);
  for (const [key, value] of Object.entries(object)) {
    made[key] = isObject(value) ? asArray(arraysIn(value)) : value;
  }
  return made;
}

function asArray(object: FormObject): FormValue {
  const keys = Object.keys(object);
  const indexed = keys.length > 0 && keys.every((key, at) => key === String(at));
  return indexed ? Object.values(object) : object;
}

function isObject(value: FormValue | undefined): value is FormObject {
  return typeof value === "object" && !Array.isArray(value);
}

function tooLarge(): StripeRefusal {
  return new StripeRefusal("The request has too many parameters", { beforeRun: true });
}
