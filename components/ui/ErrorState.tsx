import type { ComponentChildren } from "preact";
import { phrase } from "./phrase.ts";
import { useSay } from "./viewer.ts";

export interface ErrorStateProps {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Printed so that a report finds its log line. */
  readonly requestId: string | null;
  readonly children?: ComponentChildren;
}

export function ErrorState({ status, title, detail, requestId, children }: ErrorStateProps) {
  const say = useSay();
  return (
    <div class="error-page">
      <span class="big" aria-hidden="true">{status}</span>
      <h1>{title}</h1>
      <p>{detail}</p>
      {requestId !== null && (
        <p class="small muted">
          {phrase(say("request_named"), { id: <code>{requestId}</code> })}
        </p>
      )}
      <div class="row">{children}</div>
    </div>
  );
}
