// An island because it follows a stream; without it the page is read again every few seconds.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Progress } from "../components/ui/Progress.tsx";

/** What a stream about long work sends, about every second. */
export interface RunMessage {
  readonly running: boolean;
  readonly checked: number;
  readonly total: number;
}

export interface LiveProgressProps {
  readonly href: string;
  readonly label: string;
  /** As the page was made. */
  readonly first: RunMessage;
}

export function LiveProgress({ href, label, first }: LiveProgressProps) {
  const shown = useSignal<RunMessage>(first);
  useEffect(() => {
    const stream = new EventSource(href);
    stream.onmessage = (event) => {
      const message = parseMessage(event.data);
      if (message === null) return;
      shown.value = message;
      if (message.running) return;
      stream.close();
      location.reload();
    };
    return () => stream.close();
  }, [href]);
  const { checked, total } = shown.value;
  return (
    <Progress
      label={label}
      done={checked}
      total={Math.max(1, total)}
      note={`${checked} of ${total} tenants`}
    />
  );
}

function parseMessage(text: string): RunMessage | null {
  const data: unknown = JSON.parse(text);
  if (typeof data !== "object" || data === null) return null;
  if (!("running" in data) || !("checked" in data) || !("total" in data)) return null;
  const { running, checked, total } = data;
  if (typeof running !== "boolean" || typeof checked !== "number") return null;
  return typeof total === "number" ? { running, checked, total } : null;
}
