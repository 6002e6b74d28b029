import type { ComponentChildren } from "preact";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { LISTS_PATH } from "./list_path.ts";

/** Lists and prices are two views of what ratings rest on. */
export function MarketPage(
  { frame, current, actions, children }: {
    frame: OperatorFrame;
    current: string;
    actions?: ComponentChildren;
    children: ComponentChildren;
  },
) {
  return (
    <OperatorPage frame={frame} current={LISTS_PATH}>
      <PageHeader
        title="Prices and lists"
        lede="What ratings rest on: lists that every tenant is screened against, and what tenants have stored themselves."
        actions={actions}
      />
      <Tabs
        label="Prices or lists"
        current={current}
        tabs={[
          { href: LISTS_PATH, label: "Lists" },
          { href: `${LISTS_PATH}/prices`, label: "Prices" },
        ]}
      />
      {children}
    </OperatorPage>
  );
}
