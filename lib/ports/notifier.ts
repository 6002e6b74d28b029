import type { Alert, AlertSettings } from "./billing_store.ts";

export type Delivery =
  | { readonly kind: "delivered" }
  /** Try again later. */
  | { readonly kind: "failed"; readonly detail: string };

/** Tells a tenant's people and machines; every channel of the settings or none counts. */
export interface Notifier {
  notify(alert: Alert, settings: AlertSettings): Promise<Delivery>;
}
