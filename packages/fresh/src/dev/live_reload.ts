/** The path on which a page learns that the development server has started anew. */
export const ALIVE_PATH = "/_frsh/alive";

const revision = Date.now();

/** Reloads the page when it reconnects to a server other than the one that rendered it. */
export function liveReloadScript(nonce: string): string {
  const code = `new EventSource("${ALIVE_PATH}").onmessage=({data})=>` +
    `{if(data!=="${revision}")location.reload()}`;
  return `<script type="module" nonce="${nonce}">${code}</script>`;
}

type Handler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/** Answers the page's connection in front of the app. */
export function withLiveReload(handler: Handler): Handler {
  return async function serveAlive(req, info) {
    if (new URL(req.url).pathname !== ALIVE_PATH) {
      return await handler(req, info);
    }
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`retry: 300\ndata: ${revision}\n\n`));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}
