import type { OutboxState } from "@/lib/domain/outbox.ts";
import type { Tone } from "../../ui/Badge.tsx";

export const STATE_WORDS: Readonly<Record<OutboxState, string>> = {
  ready: "ready",
  in_flight: "in flight",
  sent: "sent",
  confirmed: "confirmed",
  rejected: "rejected",
  held: "held",
  doubtful: "doubtful",
  written_off: "written off",
};

export const STATE_TONES: Readonly<Record<OutboxState, Tone>> = {
  ready: "info",
  in_flight: "info",
  sent: "good",
  confirmed: "good",
  rejected: "warn",
  held: "bad",
  doubtful: "warn",
  written_off: "neutral",
};

const REASONS: Readonly<Record<string, string>> = {
  older_than_identifier_window:
    "No attempt was answered for so long that Stripe may have forgotten the identifier.",
  identifier_collision: "Stripe knew the identifier before the first attempt was sent.",
  retry_of_held: "It was held after attempts that may have arrived, so Stripe is asked first.",
  summary_differs: "Stripe’s summary shows other units than this entry has.",
  timestamp_too_old: "Stripe takes no events of over 35 days ago.",
  restored: "The database was restored from a copy: it may have been sent after that was made.",
  restored_absent: "The database was restored from a copy, and Stripe does not show these units.",
  restored_unclear: "The database was restored from a copy, and Stripe shows units of nobody.",
  no_stripe_customer: "The tenant has no customer at Stripe yet.",
  flat_price: "A flat price bills no units.",
  meter_not_in_plan: "The plan version does not price this meter.",
  plan_unknown: "The plan version does not exist.",
  tenant_unknown: "The tenant does not exist.",
};

/** A sentence for our own codes; Stripe's have none here and speak for themselves. */
export function reasonWords(code: string): string | null {
  return Object.hasOwn(REASONS, code) ? REASONS[code] ?? null : null;
}
