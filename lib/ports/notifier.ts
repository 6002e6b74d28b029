import type { Alert, AlertSettings } from "./watch_store.ts";

export interface Delivery {
  /** Channels that have the alert now, the earlier ones included; none is served twice. */
  readonly channels: readonly string[];
  /** Why some channel does not have it; `null` when all do. */
  readonly failure: string | null;
}

/** Tells a tenant's people and machines, each channel once. Never throws. */
export interface Notifier {
  notify(alert: Alert, settings: AlertSettings): Promise<Delivery>;
}
