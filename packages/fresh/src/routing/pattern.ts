/** Returns the decoded parameters of a path that matches, else `null`. */
export type Matcher = (pathname: string) => Record<string, string> | null;

/** Whether a route path needs matching at all; one without these characters is looked up. */
export function isPattern(path: string): boolean {
  return /[*:{}+?()]/.test(path);
}

/**
 * Compiles a URL pattern to one regular expression. Named and optional segments, `:rest*` and
 * `*` are compiled here; anything rarer is left to `URLPattern`.
 */
export function compilePattern(pattern: string): Matcher {
  const compiled = toRegExp(pattern);
  return compiled === null ? viaUrlPattern(pattern) : viaRegExp(compiled);
}

interface Compiled {
  regexp: RegExp;
  names: string[];
}

const TOKEN = new RegExp(
  [
    String.raw`\{/:(?<group>\w+)\}\?`,
    String.raw`/:(?<rest>\w+)\*`,
    String.raw`/:(?<optional>\w+)\?`,
    String.raw`(?<slash>/?):(?<named>\w+)(?![\w*+?(])`,
    String.raw`(?<star>/?\*)`,
    String.raw`(?<literal>(?:/(?![:*])|[^:*{}+?()\\/])+)`,
  ].join("|"),
  "gy",
);

function toRegExp(pattern: string): Compiled | null {
  const names: string[] = [];
  let source = "^";
  let wildcards = 0;
  let end = 0;
  for (const match of pattern.matchAll(TOKEN)) {
    const { group, rest, optional = group, slash = "", named, star, literal } = match.groups ?? {};
    end = match.index + match[0].length;
    if (rest !== undefined) {
      names.push(rest);
      source += "(?:/([^/]+(?:/[^/]+)*))?";
    } else if (optional !== undefined) {
      names.push(optional);
      source += "(?:/([^/]+?))?";
    } else if (named !== undefined) {
      names.push(named);
      source += `${slash}([^/]+?)`;
    } else if (star !== undefined) {
      names.push(String(wildcards++));
      source += star.replace("*", "(.*)");
    } else if (literal !== undefined) {
      source += escape(encodeURI(decodeSafely(literal)));
    }
  }
  return end === pattern.length ? { regexp: new RegExp(source + "$"), names } : null;
}

function viaRegExp({ regexp, names }: Compiled): Matcher {
  return (pathname) => {
    const match = regexp.exec(pathname);
    if (match === null) return null;
    const params: Record<string, string> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (name !== undefined) params[name] = decodeParam(match[i + 1]);
    }
    return params;
  };
}

function viaUrlPattern(pattern: string): Matcher {
  const urlPattern = new URLPattern({ pathname: pattern });
  return (pathname) => {
    const match = urlPattern.exec({ pathname });
    if (match === null) return null;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(match.pathname.groups)) {
      params[name] = decodeParam(value);
    }
    return params;
  };
}

/** `decodeURI`, so that an encoded slash stays encoded; throws `URIError` on a broken escape. */
function decodeParam(value: string | undefined): string {
  if (value === undefined) return "";
  return value.includes("%") ? decodeURI(value) : value;
}

function decodeSafely(literal: string): string {
  try {
    return decodeURI(literal);
  } catch {
    return literal;
  }
}

function escape(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
