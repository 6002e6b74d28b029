/**
 * In the browser: hears a stream of events while the page is looked at. One stream a page, and none
 * while nobody looks: a browser opens few connections to one site, so pages left open in the
 * background would keep new ones from loading. Returns how to stop.
 */
export function followWhileSeen(href: string, hear: (data: string) => void): () => void {
  let stream: EventSource | null = null;
  const settle = () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else if (stream === null) {
      stream = new EventSource(href);
      stream.onmessage = ({ data }: MessageEvent<string>) => hear(data);
    }
  };
  settle();
  document.addEventListener("visibilitychange", settle);
  return () => {
    document.removeEventListener("visibilitychange", settle);
    stream?.close();
  };
}
