/** Stripe's `Stripe-Signature` header: HMAC-SHA256 over `timestamp.body`, timestamp in seconds. */
export async function signPayload(
  { secret, timestamp, body }: { secret: string; timestamp: number; body: string },
): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`${timestamp}.${body}`));
  return `t=${timestamp},v1=${new Uint8Array(mac).toHex()}`;
}
