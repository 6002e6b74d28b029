/** A visitor without a browser: cookies, forms as the page has them, and what a page says. */
import { assert } from "@std/assert";
import type { WholeApp } from "./whole_app.ts";

export interface SeenPage {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** `lang` of the document. */
  readonly lang: string | null;
}

export interface Visitor {
  get(path: string): Promise<SeenPage>;
  /** Sends the form of `page` that has this action, with `fields` put into it; follows a redirect. */
  send(page: SeenPage, action: string | RegExp, fields?: Fields): Promise<SeenPage>;
  /** Forgets its sessions. */
  leave(): void;
}

type Fields = Readonly<Record<string, string>>;

export function visitorOf(
  { baseUrl }: Pick<WholeApp, "baseUrl">,
  { acceptLanguage = "en" }: { readonly acceptLanguage?: string } = {},
): Visitor {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}): Promise<SeenPage> => {
    const reply = await fetch(new URL(path, baseUrl), {
      ...init,
      redirect: "manual",
      headers: {
        accept: "text/html",
        "accept-language": acceptLanguage,
        origin: baseUrl,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
    });
    for (const line of reply.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const html = await reply.text();
    const location = reply.headers.get("location");
    if (location !== null) return await ask(location);
    const lang = /<html[^>]* lang="(\w+)"/.exec(html)?.[1] ?? null;
    return { status: reply.status, headers: reply.headers, html, lang };
  };
  return {
    get: (path) => ask(path),
    send: async (page, action, fields = {}) => {
      const form = formOf(page.html, action);
      const body = new URLSearchParams([...form.hidden, ...Object.entries(fields)]);
      return await ask(form.action, { method: "POST", body });
    },
    leave: () => cookies.delete("sid"),
  };
}

function formOf(html: string, action: string | RegExp) {
  for (const [whole, path = ""] of html.matchAll(/<form [^>]*?action="([^"]+)".*?<\/form>/gs)) {
    if (typeof action === "string" ? path !== action : !action.test(path)) continue;
    const inputs = whole.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
    return { action: path, hidden: [...inputs].map(([, name = "", value = ""]) => [name, value]) };
  }
  assert(false, `No form to ${action}`);
}

/** What tells figures, instants, codes and the states of things reads the same in every language. */
const UNREAD = new Set(["script", "style", "time", "code", "pre", "del", "ins"]);
const VOID = new Set(["input", "meta", "link", "img", "br", "hr"]);
const READ_ATTRIBUTES = new Set(["aria-label", "title", "placeholder"]);
const TOKEN = /<(\/?)([\w-]+)((?:\s+[^\s=>"/]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/g;

/** All words that people see or hear on a page, without figures, instants and codes. */
export function wordsOf(html: string): ReadonlySet<string> {
  const found = new Set<string>();
  const note = (text: string) => {
    if (/\p{L}{3}/u.test(text)) found.add(decode(text).trim());
  };
  let unread = 0;
  const open: boolean[] = [];
  for (
    const [, closes, name = "", attributes = "", , text] of html.replaceAll(/<!.*?>/gs, "")
      .matchAll(TOKEN)
  ) {
    if (text !== undefined) {
      if (unread === 0) note(text);
    } else if (closes === "/") {
      if (open.pop() === true) unread--;
    } else {
      const values = new Map(
        [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map((
          [, key = "", value = ""],
        ) => [key, value]),
      );
      const isUnread = UNREAD.has(name) || / (num|mono) /.test(` ${values.get("class") ?? ""} `);
      for (const [key, value] of values) {
        if (READ_ATTRIBUTES.has(key) && unread === 0 && !isUnread) note(value);
      }
      if (VOID.has(name)) continue;
      open.push(isUnread);
      if (isUnread) unread++;
    }
  }
  return found;
}

function decode(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
