import { assertEquals } from "@std/assert";
import { webhookSnippet } from "@/components/portal/webhook_snippet.ts";
import { newWebhookSecret, signWebhook } from "@/lib/billing/webhook_signature.ts";

/** The snippet as a receiver has it: a module of its own. */
async function receiver(): Promise<(request: Request, secret: string) => Promise<boolean>> {
  const code = `data:application/typescript,${encodeURIComponent(webhookSnippet())}`;
  return (await import(code)).isFromClawmeter;
}

Deno.test("the receiver's snippet takes what we sign, and nothing that was changed or is old", async () => {
  const isFromClawmeter = await receiver();
  const bytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
  const secret = newWebhookSecret({ bytes });
  const body = '{"percent":75,"meter":"é"}';
  const ask = async (
    { atMs = Date.now(), sent = body, id = "alr_1", by = secret } = {},
  ): Promise<boolean> => {
    const headers = { ...await signWebhook({ id: "alr_1", atMs, body }, by), "webhook-id": id };
    const request = new Request("https://x.example/", { method: "POST", headers, body: sent });
    return await isFromClawmeter(request, secret);
  };
  assertEquals(await ask(), true);
  assertEquals(await ask({ sent: body.replace("75", "76") }), false);
  assertEquals(await ask({ id: "alr_2" }), false);
  assertEquals(await ask({ atMs: Date.now() - 600_000 }), false);
  assertEquals(await ask({ by: newWebhookSecret({ bytes }) }), false);
});
