/** Hands events on until `isAlive` says no: a stream must not outlive the session that opened it. */
export async function* whileAlive<Event>(
  events: AsyncIterable<Event>,
  isAlive: () => Promise<boolean>,
): AsyncGenerator<Event> {
  for await (const event of events) {
    if (!await isAlive()) return;
    yield event;
  }
}
