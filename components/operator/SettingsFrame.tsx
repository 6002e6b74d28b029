import type { ComponentChildren } from "preact";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";

const TABS = [
  { href: "/operator/settings", label: "Configuration" },
  { href: "/operator/settings/passkeys", label: "Your passkeys" },
  { href: "/operator/settings/sessions", label: "Sessions" },
];

/** What was set up for everybody, and one's own ways in. */
export function SettingsFrame(
  { frame, current, lede, children }: {
    frame: OperatorFrame;
    current: string;
    lede: string;
    children: ComponentChildren;
  },
) {
  return (
    <OperatorPage frame={frame} current="/operator/settings">
      <PageHeader title="Settings" lede={lede} />
      <Tabs label="Pages of settings" current={current} tabs={TABS} />
      {children}
    </OperatorPage>
  );
}
