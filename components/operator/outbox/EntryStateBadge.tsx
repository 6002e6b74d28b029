import type { OutboxState } from "@/lib/domain/outbox.ts";
import { Badge } from "../../ui/Badge.tsx";
import { STATE_TONES, STATE_WORDS } from "./outbox_words.ts";

export function EntryStateBadge({ state }: { state: OutboxState }) {
  return <Badge tone={STATE_TONES[state]} dot>{STATE_WORDS[state]}</Badge>;
}
