import type { Random } from "./random.ts";

export interface KvConnectProxy extends AsyncDisposable {
  readonly url: string;
  readonly counts: { commits: number; dropped: number };
}

/** Of the lost replies, how many break the connection; the rest turn into a 503 on the way. */
const BROKEN_RATE = 0.02;

/**
 * Stands between apps and a KV Connect server and loses replies of commits: the server has done the
 * work, the client learns nothing of it, and repeats the commit by itself.
 */
export function startKvConnectProxy(
  { target, random, dropRate }: {
    readonly target: string;
    readonly random: Random;
    readonly dropRate: number;
  },
): KvConnectProxy {
  const counts = { commits: 0, dropped: 0 };
  const handle = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.delete("content-length");
    const reply = await fetch(new URL(pathname, target), { method: request.method, headers, body });
    const content = new Uint8Array(await reply.arrayBuffer());
    if (pathname.endsWith("/atomic_write")) {
      counts.commits++;
      if (random.chance(dropRate)) {
        counts.dropped++;
        return random.chance(BROKEN_RATE) ? broken() : new Response(null, { status: 503 });
      }
    }
    return new Response(content, { status: reply.status, headers: passedOn(reply.headers) });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    counts,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A body that breaks off, so that the connection breaks with it. */
function broken(): Response {
  return new Response(
    new ReadableStream({
      pull: (controller) => controller.error(new Error("The reply was dropped")),
    }),
  );
}

function passedOn(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-length", "content-encoding", "transfer-encoding", "connection"]) {
    kept.delete(name);
  }
  return kept;
}
