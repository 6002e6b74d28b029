import type { ComponentChildren } from "preact";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";

export interface StartModel {
  readonly baseUrl: string;
  /** Shown only straight after the key was made; otherwise the snippets read `CLAWMETER_KEY`. */
  readonly secret: string | null;
  readonly keyHint: string | null;
  readonly isin: string;
}

export interface Snippet {
  readonly language: string;
  readonly code: string;
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
      {model.secret === null
        ? (
          <Notice title={model.keyHint === null ? "You need a key first" : "Your key stays yours"}>
            <p class="small">
              {model.keyHint === null
                ? "Create one; it is filled into these snippets while it is shown."
                : `A key is shown once, when it is made. Set CLAWMETER_KEY to the one that reads ${model.keyHint}, or make another.`}
            </p>
            <ButtonLink href="/portal/keys#new" size="sm" icon="keys">Create a key</ButtonLink>
          </Notice>
        )
        : (
          <Notice tone="warn" title="Your new key is in these snippets">
            It is gone from this page when you leave it.
          </Notice>
        )}
      <div class="stack">
        {snippetsOf(model).map(({ language, code }) => (
          <CodeBlock key={language} title={language} code={code}>{copy?.(code)}</CodeBlock>
        ))}
      </div>
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

/** Programs that need nothing but the tool they are written for. */
export function snippetsOf({ baseUrl, secret, isin }: StartModel): readonly Snippet[] {
  const url = `${baseUrl}/v1/ratings`;
  const body = `{"instrument":{"isin":"${isin}"},"include":["risk_score"]}`;
  const shellKey = secret ?? "$CLAWMETER_KEY";
  return [
    {
      language: "curl",
      code: [
        `curl -i ${url} \\`,
        `  -H "Authorization: Bearer ${shellKey}" \\`,
        `  -H "Content-Type: application/json" \\`,
        `  -d '${body}'`,
      ].join("\n"),
    },
    {
      language: "TypeScript (Deno, Node 18 or later, Bun)",
      code: [
        `const reply = await fetch("${url}", {`,
        `  method: "POST",`,
        `  headers: {`,
        `    "authorization": ${
          secret === null ? "`Bearer ${process.env.CLAWMETER_KEY}`" : `"Bearer ${secret}"`
        },`,
        `    "content-type": "application/json",`,
        `  },`,
        `  body: JSON.stringify(${body}),`,
        `});`,
        `console.log(reply.status, reply.headers.get("clawmeter-cost"), await reply.json());`,
      ].join("\n"),
    },
    {
      language: "Python 3, no packages",
      code: [
        `import json, ${secret === null ? "os, " : ""}urllib.request`,
        ``,
        `request = urllib.request.Request(`,
        `    "${url}",`,
        `    data=json.dumps(${pythonOf(isin)}).encode(),`,
        `    headers={`,
        `        "Authorization": ${
          secret === null ? `"Bearer " + os.environ["CLAWMETER_KEY"]` : `"Bearer ${secret}"`
        },`,
        `        "Content-Type": "application/json",`,
        `    },`,
        `)`,
        `with urllib.request.urlopen(request) as reply:`,
        `    print(reply.status, reply.headers["Clawmeter-Cost"], json.load(reply))`,
      ].join("\n"),
    },
  ];
}

function pythonOf(isin: string): string {
  return `{"instrument": {"isin": "${isin}"}, "include": ["risk_score"]}`;
}
