import { stringify } from "../jsonify/stringify.ts";
import type { Island } from "../types.ts";
import { HEAD_SLOT } from "./comment.ts";

export interface DocumentParts {
  html: string;
  /** Elements that belong into the head. */
  head: string;
  seen: { html: boolean; head: boolean; body: boolean };
  /** Scripts that go to the end of the body. */
  scripts: string;
}

/** Completes what was rendered to a document: missing elements, head elements and scripts. */
export function assembleDocument({ html, head, seen, scripts }: DocumentParts): string {
  const content = seen.head ? html.replace(`<!--${HEAD_SLOT}-->`, () => head) : html;
  const missingHead = seen.head ? "" : `<head><meta charset="utf-8"/>${head}</head>`;
  if (seen.html) {
    return `<!DOCTYPE html>${insertHead(appendToBody(content, scripts), missingHead)}`;
  }
  if (seen.body || seen.head) {
    return `<!DOCTYPE html><html>${missingHead}${appendToBody(content, scripts)}</html>`;
  }
  return `<!DOCTYPE html><html>${missingHead}<body>${content}${scripts}</body></html>`;
}

export interface IslandScripts {
  /** Public path of the client runtime. */
  runtime: string;
  islands: Island[];
  props: Record<string, unknown>[];
  nonce: string;
}

/** The module script that loads a page's islands and starts them. */
export function bootScript({ runtime, islands, props, nonce }: IslandScripts): string {
  const imports = islands.map(({ file, exportName, name }) => {
    const binding = exportName === "default" ? name : `{ ${exportName} as ${name} }`;
    return `import ${binding} from ${inScript(file)};`;
  });
  const names = islands.map(({ name }) => name).join(",");
  const code = `import { boot } from ${inScript(runtime)};${imports.join("")}` +
    `boot({${names}},${inScript(serializeProps(islands, props))});`;
  return `<script type="module" nonce="${nonce}">${code}</script>`;
}

function serializeProps(islands: Island[], props: Record<string, unknown>[]): string {
  try {
    return stringify(props);
  } catch (cause) {
    const names = islands.map(({ name }) => name).join(", ");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot serialize the props of islands (${names}): ${reason}`, { cause });
  }
}

/** A string literal that cannot end the script element around it. */
function inScript(value: string): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

function insertHead(html: string, head: string): string {
  return head === "" ? html : html.replace(/<html[^>]*>/i, (tag) => tag + head);
}

function appendToBody(html: string, scripts: string): string {
  const end = html.lastIndexOf("</body>");
  return end === -1 ? html + scripts : html.slice(0, end) + scripts + html.slice(end);
}
