import type { ComponentChildren } from "preact";
import type { StoredNotice } from "@/lib/ports/notice_inbox.ts";
import type { Alert } from "@/lib/ports/watch_store.ts";
import type { Tone } from "../../ui/Badge.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Segmented, Tabs } from "../../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import type { TenantNames } from "../TenantLink.tsx";

export const NOTICES_PATH = "/operator/webhooks";
export const ALERTS_PATH = "/operator/webhooks/alerts";

export const DELIVERY_TONES: Readonly<
  Record<StoredNotice["state"] | Alert["delivery"]["state"], Tone>
> = {
  waiting: "info",
  applied: "good",
  delivered: "good",
  ignored: "neutral",
  failed: "bad",
};

/** The head of both pages. */
export function WebhooksFrame(
  { frame, current, names, lede, children }: {
    frame: OperatorFrame;
    current: string;
    names: TenantNames;
    lede: string;
    children: ComponentChildren;
  },
) {
  return (
    <OperatorPage frame={frame} current={NOTICES_PATH} names={names}>
      <PageHeader title="Webhooks" lede={lede} />
      <Tabs
        label="Which webhooks"
        current={current}
        tabs={[
          { href: NOTICES_PATH, label: "From Stripe" },
          { href: ALERTS_PATH, label: "Alerts to tenants" },
        ]}
      />
      {children}
    </OperatorPage>
  );
}

/** Rows in one state, or in all. */
export function StateFilter({ path, states, current }: {
  path: string;
  states: readonly string[];
  current: string | null;
}) {
  return (
    <Segmented
      label="State"
      current={current === null ? path : `${path}?state=${current}`}
      options={[
        { href: path, label: "All" },
        ...states.map((state) => ({ href: `${path}?state=${state}`, label: state })),
      ]}
    />
  );
}
