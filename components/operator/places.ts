import type { NavGroup } from "../ui/AppShell.tsx";

export const NAV: readonly NavGroup[] = [
  {
    label: null,
    items: [
      { href: "/operator", label: "Home", icon: "overview" },
      { href: "/operator/tenants", label: "Tenants", icon: "tenants" },
      { href: "/operator/plans", label: "Plans", icon: "plan" },
    ],
  },
  {
    label: "Money",
    items: [
      { href: "/operator/outbox", label: "Outbox", icon: "list" },
      { href: "/operator/books", label: "Books", icon: "usage" },
      { href: "/operator/reconcile", label: "Reconciliation", icon: "check" },
      { href: "/operator/closes", label: "Period close", icon: "invoices" },
      { href: "/operator/approvals", label: "Approvals", icon: "members" },
    ],
  },
  {
    label: "Watch",
    items: [
      { href: "/operator/anomalies", label: "Anomalies", icon: "anomaly" },
      { href: "/operator/runs", label: "Cron runs", icon: "rotate" },
      { href: "/operator/webhooks", label: "Webhooks", icon: "webhook" },
      { href: "/operator/audit", label: "Audit", icon: "audit" },
    ],
  },
  {
    label: "Set up",
    items: [
      { href: "/operator/lists", label: "Prices and lists", icon: "list" },
      { href: "/operator/settings", label: "Settings", icon: "settings" },
    ],
  },
];

/** Somewhere to go, or something to do there. */
export interface Place {
  readonly href: string;
  readonly label: string;
  /** Other words by which people look for it. */
  readonly words: string;
}

const MORE: readonly Place[] = [
  { href: "/operator/tenants/new", label: "New tenant", words: "create add customer" },
  { href: "/operator/plans/new", label: "New plan", words: "create add price" },
  { href: "/operator/lists/load", label: "Load a list", words: "sanctions upload screening" },
  { href: "/operator/lists/prices", label: "Look up a price", words: "instrument quote isin" },
  {
    href: "/operator/webhooks/alerts",
    label: "Alerts to tenants",
    words: "deliveries resend webhook",
  },
  {
    href: "/operator/audit?verify=1",
    label: "Verify the audit chain",
    words: "hash tamper check",
  },
  {
    href: "/operator/settings/passkeys",
    label: "Your passkeys",
    words: "webauthn sign in security key",
  },
  { href: "/operator/settings/sessions", label: "Sessions of operators", words: "sign out end" },
];

const PLACES: readonly Place[] = [
  ...NAV.flatMap(({ label: group, items }) =>
    items.map(({ href, label }) => ({ href, label, words: group ?? "" }))
  ),
  ...MORE,
];

/** Places whose words begin with everything that was typed; those named so come first. */
export function matchingPlaces(query: string): readonly Place[] {
  const typed = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (typed.length === 0) return PLACES;
  const fits = (text: string) => {
    const words = text.toLowerCase().split(/\s+/);
    return typed.every((part) => words.some((word) => word.startsWith(part)));
  };
  const named = PLACES.filter(({ label }) => fits(label));
  return [
    ...named,
    ...PLACES.filter((place) => !named.includes(place) && fits(`${place.label} ${place.words}`)),
  ];
}
