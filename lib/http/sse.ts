/** One message to the browser; `data` is sent as JSON. */
export interface ServerEvent {
  /** Comes back as `Last-Event-ID` when the browser reconnects. */
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

export interface StreamOptions {
  /** A comment line after so long without an event, so that proxies keep the connection. */
  readonly heartbeatMs?: number;
  /** The browser waits so long before it reconnects. */
  readonly retryMs?: number;
  /** Told when the source fails; the stream then ends as if it were over, and the browser comes back. */
  readonly onFailure?: (error: unknown) => void;
}

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;

/**
 * Server-sent events. The next event is asked for only when the connection has taken the last one,
 * so a slow reader holds back its own source and fills no memory. The source is ended when the
 * reader leaves.
 */
export function eventStream(
  source: AsyncIterable<ServerEvent>,
  { heartbeatMs = HEARTBEAT_MS, retryMs = RETRY_MS, onFailure = () => {} }: StreamOptions = {},
): Response {
  const events = source[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let pending: Promise<IteratorResult<ServerEvent>> | null = null;

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`retry: ${retryMs}\n\n`)),
    pull: async (controller) => {
      pending ??= nextOf(events, onFailure);
      const next = await withinTime(pending, heartbeatMs);
      if (next === null) return controller.enqueue(encoder.encode(": still here\n\n"));
      pending = null;
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(eventText(next.value)));
    },
    cancel: async () => {
      await events.return?.();
    },
  }, { highWaterMark: 1 });

  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  });
}

/** A source that fails is at its end: a cut connection would only hide why. */
async function nextOf(
  events: AsyncIterator<ServerEvent>,
  onFailure: (error: unknown) => void,
): Promise<IteratorResult<ServerEvent>> {
  try {
    return await events.next();
  } catch (error) {
    onFailure(error);
    return { done: true, value: undefined };
  }
}

/** The wire form; line breaks in `id` or `event` would start a new field, so they go. */
export function eventText({ id, event, data }: ServerEvent): string {
  const lines = [
    ...id === undefined ? [] : [`id: ${oneLine(id)}`],
    ...event === undefined ? [] : [`event: ${oneLine(event)}`],
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join("\n")}\n\n`;
}

async function withinTime<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]+/g, " ");
}
