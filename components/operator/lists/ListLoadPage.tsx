import type { ComponentChildren } from "preact";
import type { ListLoad } from "@/lib/ports/rating.ts";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { Form } from "../../ui/Form.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Notice } from "../../ui/Notice.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { LIST_CRUMBS, listLoadPath, LISTS_PATH } from "./list_path.ts";
import { LoadStateBadge } from "./LoadStateBadge.tsx";

export interface ListLoadModel {
  readonly load: ListLoad;
  readonly isStalled: boolean;
}

/** `children`: how far screening is. */
export function ListLoadPage(
  { frame, model, children }: {
    frame: OperatorFrame;
    model: ListLoadModel;
    children: ComponentChildren;
  },
) {
  const { load, isStalled } = model;
  const { locale } = useViewer();
  const path = listLoadPath(load.loadId);
  const entries = formatUnits(load.count, locale);
  return (
    <OperatorPage frame={frame} current={LISTS_PATH}>
      <PageHeader
        title={`Load of ${load.listId}`}
        crumbs={LIST_CRUMBS}
        lede={<LoadStateBadge state={load.state} isStalled={isStalled} />}
      />
      {load.state === "done" && (
        <Notice tone="good" title="The list is in force">
          {counted(load.instruments, "stored instrument", locale)} of{" "}
          {counted(load.tenantsDone, "tenant", locale)} {load.instruments === 1 ? "was" : "were"}
          {" "}
          screened against it.
        </Notice>
      )}
      {load.state === "failed" && (
        <Notice tone="bad" title="The list before stays in force">{load.detail}</Notice>
      )}
      {load.state === "storing" && (
        <Notice tone={isStalled ? "warn" : "info"} title="Being written">
          {isStalled
            ? "It did not come to its end. The list before is in force; load it once more."
            : "The list before is in force until it is whole."}
        </Notice>
      )}
      {load.state === "screening" && (
        <Card
          title="Screening"
          note="The list is in force already: who asks first is screened then."
        >
          {children}
          <div class="row">
            {isStalled && (
              <Form action={path} class="">
                <Button kind="primary" icon="rotate">Go on screening</Button>
              </Form>
            )}
            <ButtonLink href={path}>Look again</ButtonLink>
          </div>
        </Card>
      )}
      <Card title="What was loaded">
        <Facts
          facts={[
            { term: "List", value: <code class="break">{load.listId}</code> },
            { term: "Kind", value: load.kind.replaceAll("_", " ") },
            { term: "Publisher’s date", value: load.asOf },
            {
              term: "Entries",
              value: load.replacedCount === null
                ? entries
                : `${entries}, in place of ${formatUnits(load.replacedCount, locale)}`,
            },
            { term: "Started", value: <DateTime atMs={load.startedAtMs} style="moment" /> },
            { term: "By", value: <bdi class="break">{load.startedBy}</bdi> },
            { term: "Last step", value: <DateTime atMs={load.updatedAtMs} style="moment" /> },
          ]}
        />
      </Card>
    </OperatorPage>
  );
}

function counted(count: number, one: string, locale: string): string {
  return `${formatUnits(count, locale)} ${one}${count === 1 ? "" : "s"}`;
}
