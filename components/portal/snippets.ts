export interface SnippetTerms {
  readonly baseUrl: string;
  /** Shown only straight after the key was made; otherwise the snippets read `CLAWMETER_KEY`. */
  readonly secret: string | null;
  readonly isin: string;
}

export interface Snippet {
  readonly language: string;
  readonly code: string;
}

/** Programs that need nothing but the tool they are written for. */
export function snippetsOf({ baseUrl, secret, isin }: SnippetTerms): readonly Snippet[] {
  const url = `${baseUrl}/v1/ratings`;
  const body = `{"instrument":"${isin}","include":["risk_score"]}`;
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
  return `{"instrument": "${isin}", "include": ["risk_score"]}`;
}
