import type { VNode } from "preact";
import type { BuildCache } from "./build_cache.ts";
import type { ResolvedFreshConfig } from "./config.ts";
import { HttpError } from "./error.ts";
import { renderPage } from "./render/page.ts";
import {
  applyLayoutConfig,
  BARE,
  type Chain,
  type Frame,
  type Step,
  type Target,
} from "./routing/chain.ts";
import { requestUrl } from "./routing/request_url.ts";
import type { LayoutConfig } from "./types.ts";

/** What `Context` needs to know of the app that handles the request. */
export interface AppParts {
  config: ResolvedFreshConfig;
  cache: BuildCache | null;
}

/** One request with its way through the app. */
export interface Dispatch {
  app: AppParts;
  target: Target;
  params: Record<string, string>;
  info: Deno.ServeHandlerInfo | undefined;
}

const NO_INFO: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 0 },
  completed: Promise.resolve(),
};

// deno-lint-ignore no-explicit-any
type AnyContext = Context<any>;

/** The layouts and app wrapper around what renders now. */
export let frameOf: (ctx: AnyContext) => Frame;
export let setFrame: (ctx: AnyContext, frame: Frame) => void;
/** Sets what `ctx.Component` shows. */
export let setChild: (ctx: AnyContext, child: VNode | null) => void;
export let cacheOf: (ctx: AnyContext) => BuildCache | null;

/** Everything about one request, and the ways to answer it. */
export class Context<State> {
  readonly req: Request;
  readonly config: ResolvedFreshConfig;
  readonly info: Deno.ServeHandlerInfo;
  readonly route: string | null;
  readonly params: Record<string, string>;
  readonly state: State = {} as State;
  /** What the page handler returned for its component. */
  data: unknown = undefined;
  /** What was thrown, while an error route answers. */
  error: unknown = null;
  /** Runs the next middleware, or the handler, and gives its response. */
  next: () => Promise<Response>;

  readonly #cache: BuildCache | null;
  readonly #chain: Chain;
  #at = 0;
  #frame: Frame = BARE;
  #url: URL | null = null;
  #child: VNode | null = null;

  constructor(req: Request, { app, target, params, info }: Dispatch) {
    this.req = req;
    this.info = info ?? NO_INFO;
    this.config = app.config;
    this.route = target.route;
    this.params = params;
    this.#cache = app.cache;
    this.#chain = target.chain;
    this.next = () => this.#step();
  }

  /** The request's URL with runs of slashes collapsed; `ctx.req.url` is the raw one. */
  get url(): URL {
    return this.#url ??= requestUrl(this.req, this.config.trustProxy);
  }

  /** Whether the request asks for partials, which this implementation answers with whole pages. */
  get isPartial(): boolean {
    return this.url.searchParams.has("fresh-partial");
  }

  /** What the layout or app wrapper that is being rendered wraps. */
  get Component(): () => VNode | null {
    const child = this.#child;
    return () => child;
  }

  /** Redirects; a path that starts with slashes stays on this site, any other target is kept. */
  redirect(pathOrUrl: string, status = 302): Response {
    let location = pathOrUrl;
    if (location.startsWith("/")) {
      const end = location.search(/[?#]/);
      const path = end === -1 ? location : location.slice(0, end);
      location = path.replaceAll(/\/{2,}/g, "/") + location.slice(path.length);
    }
    return new Response(null, { status, headers: { location } });
  }

  /** Renders inside the layouts and app wrapper that apply here, and answers with the document. */
  async render(
    vnode: VNode | null,
    init: ResponseInit = {},
    config: LayoutConfig = {},
  ): Promise<Response> {
    if (arguments.length === 0) {
      throw new Error("ctx.render() needs something to render");
    }
    if (vnode !== null && !isVNode(vnode)) {
      throw new Error("ctx.render() takes JSX or null as its first argument");
    }
    const frame = applyLayoutConfig(this.#frame, config);
    return await renderPage(this, { vnode, frame, init, cache: this.#cache });
  }

  text(content: string, init?: ResponseInit): Response {
    return new Response(content, init);
  }

  html(content: string, init?: ResponseInit): Response {
    return new Response(content, withType(init, "text/html; charset=utf-8"));
  }

  // deno-lint-ignore no-explicit-any
  json(content: any, init?: ResponseInit): Response {
    return Response.json(content, init);
  }

  /** Answers with the chunks of an iterable; strings are sent as UTF-8. */
  stream<U extends string | Uint8Array<ArrayBuffer>>(
    stream:
      | Iterable<U>
      | AsyncIterable<U>
      | (() => Iterable<U> | AsyncIterable<U>),
    init?: ResponseInit,
  ): Response {
    const chunks = typeof stream === "function" ? stream() : stream;
    const encoder = new TextEncoder();
    const body = ReadableStream.from(chunks).pipeThrough(
      new TransformStream<U, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
        },
      }),
    );
    return new Response(body, init);
  }

  /** Web sockets are not part of this implementation. */
  upgrade(): never {
    throw new Error("ctx.upgrade() is not implemented: this build of Fresh has no web sockets");
  }

  /** A request takes several steps, so this is no async function: those cost twice as much. */
  #step(): Promise<Response> {
    const at = this.#at;
    const outer = this.#frame;
    const step = this.#chain[at];
    if (step === undefined) return Promise.reject(new HttpError(404));
    this.#at = at + 1;
    this.#frame = step.frame;
    const fail = (error: unknown): never => {
      this.#at = at;
      this.#frame = outer;
      this.error = error;
      throw error;
    };
    const finish = (result: unknown): Response => {
      if (!(result instanceof Response)) return fail(this.#noResponse(result));
      this.#at = at;
      this.#frame = outer;
      return result;
    };
    return start(step, this).then((result) => {
      if (typeof result !== "function") return finish(result);
      step.run = result as Step["run"];
      return start(step, this).then(finish, fail);
    }, fail);
  }

  #noResponse(result: unknown): TypeError {
    return new TypeError(
      `A middleware or handler must return a Response, got ${typeof result} for ${this.url.pathname}`,
    );
  }

  static {
    frameOf = (ctx) => ctx.#frame;
    setFrame = (ctx, frame) => {
      ctx.#frame = frame;
    };
    setChild = (ctx, child) => {
      ctx.#child = child;
    };
    cacheOf = (ctx) => ctx.#cache;
  }
}

/** The older name of {@linkcode Context}. */
export type FreshContext<State = unknown> = Context<State>;

function start(step: Step, ctx: AnyContext): Promise<unknown> {
  try {
    return Promise.resolve(step.run(ctx));
  } catch (error) {
    return Promise.reject(error);
  }
}

function isVNode(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value &&
    "props" in value;
}

function withType(init: ResponseInit | undefined, contentType: string): ResponseInit {
  const headers = new Headers(init?.headers);
  if (!headers.has("content-type")) headers.set("content-type", contentType);
  return { ...init, headers };
}
