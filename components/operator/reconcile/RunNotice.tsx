import type { ComponentChildren } from "preact";
import type { ReconcileRun } from "@/lib/ports/report_store.ts";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { RECONCILE_PATH, reportPath } from "./reconcile_path.ts";
import type { ReconcileModel } from "./ReconcilePage.tsx";

export function RunNotice(
  { run, phase, progress }: {
    run: ReconcileRun;
    phase: ReconcileModel["phase"];
    progress: ComponentChildren;
  },
) {
  const { checked, total, runId, detail, startedAtMs, startedBy } = run;
  if (phase === "running") {
    return (
      <Card
        title="A comparison is under way"
        note={
          <>
            Started <DateTime atMs={startedAtMs} style="relative" /> by <bdi>{startedBy}</bdi>,{" "}
            {scopeWords(run)}.
          </>
        }
      >
        {progress}
        <p class="small">
          <a href={RECONCILE_PATH}>How far is it now?</a>
        </p>
      </Card>
    );
  }
  if (phase === "failed") {
    return (
      <Notice tone="bad" title="The last comparison failed">
        <span class="break">{detail}</span>{" "}
        Nothing of it was kept. Those of the hour go on; it can be started again.
      </Notice>
    );
  }
  if (phase === "died") {
    return (
      <Notice tone="warn" title="The last comparison was interrupted">
        After {checked} of {total}{" "}
        tenants nothing was heard of it. What they showed is kept: the recurring work of every
        minute goes on from there, or whoever starts it again does.
      </Notice>
    );
  }
  return (
    <Notice tone="good" title="The last comparison is through">
      <a href={reportPath(runId)}>Open its report</a>
    </Notice>
  );
}

function scopeWords({ tenantId, total }: ReconcileRun): string {
  return tenantId === null ? `over all ${total} tenants` : `for ${tenantId} alone`;
}
