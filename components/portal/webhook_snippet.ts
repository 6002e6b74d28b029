/** How a receiver checks an alert's signature, with nothing but the platform's own crypto. */
export function webhookSnippet(): string {
  return [
    `// The signing secret above, e.g. from an environment variable.`,
    `export async function isFromClawmeter(request: Request, secret: string): Promise<boolean> {`,
    `  const id = request.headers.get("webhook-id");`,
    `  const timestamp = request.headers.get("webhook-timestamp");`,
    `  const sent = (request.headers.get("webhook-signature") ?? "").split(" ");`,
    `  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;`,
    `  const raw = Uint8Array.from(atob(secret.replace("whsec_", "")), (c) => c.charCodeAt(0));`,
    `  const hmac = { name: "HMAC", hash: "SHA-256" };`,
    `  const key = await crypto.subtle.importKey("raw", raw, hmac, false, ["verify"]);`,
    `  const text = \`\${id}.\${timestamp}.\${await request.clone().text()}\`;`,
    `  for (const signature of sent) {`,
    `    const bytes = Uint8Array.from(atob(signature.replace("v1,", "")), (c) => c.charCodeAt(0));`,
    `    if (await crypto.subtle.verify("HMAC", key, bytes, new TextEncoder().encode(text))) return true;`,
    `  }`,
    `  return false;`,
    `}`,
  ].join("\n");
}
