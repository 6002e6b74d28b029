import type { ComponentChildren } from "preact";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Notice } from "../ui/Notice.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { Snippets } from "./Snippets.tsx";
import type { SnippetTerms } from "./snippets.ts";

export interface StartModel extends SnippetTerms {
  /** Names the newest usable key; `null` when there is none. */
  readonly keyHint: string | null;
}

export function StartPage(
  { frame, model, copy }: {
    frame: PortalFrame;
    model: StartModel;
    copy?: (code: string) => ComponentChildren;
  },
) {
  return (
    <PortalPage frame={frame} current="/portal/start">
      <PageHeader
        title="Get started"
        lede="Rate one instrument. Each snippet runs as pasted and prints the cost of its call."
      />
      <Notice title={model.keyHint === null ? "You need a key first" : "Your key stays yours"}>
        <p class="small">
          {model.keyHint === null
            ? "Create one; it is filled into these snippets while it is shown."
            : "A key is shown once, when it is made. Put yours into this line and run it first, or make another: the snippets are then filled in."}
        </p>
        <ButtonLink href="/portal/keys#new" size="sm" icon="keys">Create a key</ButtonLink>
      </Notice>
      {model.keyHint !== null && (
        <CodeBlock title="Your key, in a shell" code={`export CLAWMETER_KEY="${model.keyHint}"`} />
      )}
      <Snippets terms={model} {...(copy === undefined ? {} : { copy })} />
      <Card title="What comes back">
        <p>
          The body holds the figures with their method and version. The headers say what the call
          cost: <code>Clawmeter-Units</code>, <code>Clawmeter-Cost</code>,{" "}
          <code>Clawmeter-Remaining</code>. Send an <code>Idempotency-Key</code>{" "}
          and a repeated call is answered again without being billed again.
        </p>
        <div class="row">
          <ButtonLink href="/docs">API reference</ButtonLink>
          <ButtonLink href="/portal/requests">See your calls</ButtonLink>
        </div>
      </Card>
    </PortalPage>
  );
}
