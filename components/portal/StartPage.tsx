import type { ComponentChildren } from "preact";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Notice } from "../ui/Notice.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { phrase } from "../ui/phrase.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { Snippets } from "./Snippets.tsx";
import type { SnippetTerms } from "./snippets.ts";
import { wordsIn } from "./words.ts";

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
  const { say } = wordsIn(frame.viewer.locale);
  const hasKey = model.keyHint !== null;
  return (
    <PortalPage frame={frame} current="/portal/start">
      <PageHeader
        title={say("nav_start")}
        lede={say("start_lede")}
      />
      <Notice title={say(hasKey ? "key_stays_yours" : "need_key_first")}>
        <p class="small">{say(hasKey ? "key_stays_yours_text" : "need_key_first_text")}</p>
        <ButtonLink href="/portal/keys#new" size="sm" icon="keys">
          {say("first_key_link")}
        </ButtonLink>
      </Notice>
      {hasKey && (
        <CodeBlock title={say("key_in_shell")} code={`export CLAWMETER_KEY="${model.keyHint}"`} />
      )}
      <Snippets terms={model} {...(copy === undefined ? {} : { copy })} />
      <Card title={say("what_comes_back")}>
        <p>
          {phrase(say("what_comes_back_text"), {
            headers: (
              <>
                <code>Clawmeter-Units</code>, <code>Clawmeter-Cost</code>,{" "}
                <code>Clawmeter-Remaining</code>
              </>
            ),
            idempotency: <code>Idempotency-Key</code>,
          })}
        </p>
        <div class="row">
          <ButtonLink href="/docs">{say("api_reference")}</ButtonLink>
          <ButtonLink href="/portal/requests">{say("see_your_calls")}</ButtonLink>
        </div>
      </Card>
    </PortalPage>
  );
}
