/** Joins two route paths; `*` alone stands for "everything below". */
export function mergePath(base: string, path: string, mounting: boolean): string {
  if (base === "" || base === "/" || base === "*" || base === "/*") return path;
  if (path === "" || path === "/") return base;
  if (path === "*") return mounting ? base : `${base}/*`;
  const head = base.endsWith("/") ? base.slice(0, -1) : base;
  return path.startsWith("/") ? head + path : `${head}/${path}`;
}

/**
 * Turns a route file's path without extension into a URL pattern: `users/[id]` into `/users/:id`,
 * `[...rest]` into `:rest*`, `[[lang]]` into `{/:lang}?`, a trailing `index` and `(groups)` into
 * nothing. With `keepGroups` the group folders stay, so that they can scope middlewares.
 */
export function pathToPattern(path: string, options?: { keepGroups?: boolean }): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.at(-1) === "index") {
    if (parts.length === 1) return "/";
    parts.pop();
  }
  let pattern = "";
  for (const part of parts) {
    if (isGroup(part)) {
      if (options?.keepGroups) pattern += `/${part}`;
      continue;
    }
    pattern += partToPattern(part, path);
  }
  return pattern === "" ? "/" : pattern;
}

/** Whether a folder's name is a `(group)`, which takes no part in URLs. */
export function isGroup(part: string): boolean {
  return part.startsWith("(") && part.endsWith(")");
}

function partToPattern(part: string, path: string): string {
  if (part.startsWith("[[")) {
    const optional = /^\[\[([^[\]]+)\]\]$/.exec(part);
    if (optional === null) {
      throw invalid(path, "an optional parameter must be a whole segment");
    }
    return `{/:${optional[1]}}?`;
  }
  let out = "/";
  let rest = part;
  let afterParam = false;
  while (rest !== "") {
    const open = rest.indexOf("[");
    if (open !== 0) {
      const literal = open === -1 ? rest : rest.slice(0, open);
      if (literal.includes("]")) throw invalid(path, `"]" without "["`);
      out += literal;
      rest = rest.slice(literal.length);
      afterParam = false;
      continue;
    }
    if (afterParam) {
      throw invalid(path, "two parameters need a literal between them");
    }
    const close = rest.indexOf("]");
    const name = rest.slice(1, close);
    if (close === -1 || name === "" || name.includes("[")) {
      throw invalid(path, "unclosed bracket");
    }
    out += name.startsWith("...") ? `:${name.slice(3)}*` : `:${name}`;
    rest = rest.slice(close + 1);
    afterParam = true;
  }
  return out;
}

function invalid(path: string, reason: string): SyntaxError {
  return new SyntaxError(`Invalid route path "${path}": ${reason}`);
}
