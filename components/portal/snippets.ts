export interface SnippetTerms {
  readonly baseUrl: string;
  /** Shown only straight after the key was made; otherwise the snippets read `CLAWMETER_KEY`. */
  readonly secret: string | null;
  /** Of a rating; only texts, lists and objects, which read the same in JSON, TypeScript and Python. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Snippet {
  readonly language: "curl" | "typescript" | "python";
  readonly code: string;
}

/** Programs that need nothing but the tool they are written for, to be pasted as they are. */
export function snippetsOf({ baseUrl, secret, body }: SnippetTerms): readonly Snippet[] {
  const url = `${baseUrl}/v1/ratings`;
  const lines = bodyLines(body);
  return [
    {
      language: "curl",
      code: [
        `curl -i ${url} \\`,
        `  -H "Authorization: Bearer ${secret ?? "$CLAWMETER_KEY"}" \\`,
        `  -H "Content-Type: application/json" \\`,
        `  -d '{`,
        ...lines.map((line) => `  ${line}`),
        `  }'`,
      ].join("\n"),
    },
    {
      language: "typescript",
      code: [
        `const reply = await fetch("${url}", {`,
        `  method: "POST",`,
        `  headers: {`,
        `    "authorization": ${
          secret === null ? "`Bearer ${process.env.CLAWMETER_KEY}`" : `"Bearer ${secret}"`
        },`,
        `    "content-type": "application/json",`,
        `  },`,
        `  body: JSON.stringify({`,
        ...lines.map((line) => `  ${line}`),
        `  }),`,
        `});`,
        `console.log(reply.status, reply.headers.get("clawmeter-cost"), await reply.json());`,
      ].join("\n"),
    },
    {
      language: "python",
      code: [
        `import json, ${secret === null ? "os, " : ""}urllib.request`,
        ``,
        `request = urllib.request.Request(`,
        `    "${url}",`,
        `    data=json.dumps({`,
        ...lines.map((line) => `      ${line}`),
        `    }).encode(),`,
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

/** One line a member, indented once. */
function bodyLines(body: SnippetTerms["body"]): readonly string[] {
  const members = Object.entries(body);
  return members.map(([name, value], at) => {
    const comma = at === members.length - 1 ? "" : ",";
    return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}${comma}`;
  });
}
