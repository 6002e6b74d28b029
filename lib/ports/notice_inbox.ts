import type { ProviderNotice } from "./billing_provider.ts";
import type { NewestQuery } from "./newest_query.ts";
import type { Page } from "./tenancy.ts";

/** Stripe sends a kind of event to an endpoint of its own. */
export type WebhookKind = "snapshot" | "thin";

/** Longer than Stripe's own 30 days of event retention, so no repeat is ever taken as new. */
export const NOTICES_KEPT_MS = 40 * 86_400_000;

export interface NoticeArrival {
  readonly atMs: number;
  /** `pull`: no webhook had brought it. */
  readonly via: WebhookKind | "pull";
}

/** A webhook's notice, durable before it is acknowledged. */
export interface StoredNotice {
  readonly notice: ProviderNotice;
  readonly via: NoticeArrival["via"];
  readonly receivedAtMs: number;
  readonly state: "waiting" | "applied" | "ignored" | "failed";
  readonly attempts: number;
  /** What came of it, or why it failed. */
  readonly detail: string | null;
  /** When it was last tried; `null` before. */
  readonly settledAtMs: number | null;
}

/** A webhook that was turned away. */
export interface WebhookRefusal {
  readonly atMs: number;
  readonly code: string;
  readonly detail: string;
}

export interface NoticeInbox {
  /** Resolves once durable. `known`: this event id came within `NOTICES_KEPT_MS`. */
  receive(notice: ProviderNotice, arrival: NoticeArrival): Promise<"new" | "known">;
  /** In order of arrival. */
  waiting(limit: number): Promise<readonly StoredNotice[]>;
  /** Keeps the row for deduplication; `waiting` puts it into the queue, all else takes it out. */
  settle(notice: StoredNotice): Promise<void>;
  notice(eventId: string): Promise<StoredNotice | null>;
  /** Newest first, received since. A page may hold fewer than `limit`; its cursor says if it ends. */
  notices(query: NewestQuery<StoredNotice["state"]>): Promise<Page<StoredNotice>>;
  lastArrival(
    kind: WebhookKind,
  ): Promise<{ readonly receivedAtMs: number | null; readonly refused: WebhookRefusal | null }>;
  /** Keeps the last one of each kind. */
  noteRefusal(kind: WebhookKind, refusal: WebhookRefusal): Promise<void>;
  /** Where the last pull of notices ended. */
  pulledUntilMs(): Promise<number | null>;
  setPulledUntilMs(atMs: number): Promise<void>;
}
