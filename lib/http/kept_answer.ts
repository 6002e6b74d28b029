import type { KeptAnswer } from "@/lib/ports/submissions.ts";

/** Where Fresh leaves the nonce of a rendered page. */
export const NONCE = Symbol.for("__freshNonce");

export async function keepAnswer(response: Response): Promise<KeptAnswer> {
  return {
    status: response.status,
    headers: [...response.headers],
    body: response.body === null ? null : await response.bytes(),
    nonce: Reflect.get(response, NONCE),
  };
}

export function answerAgain({ status, headers, body, nonce }: KeptAnswer): Response {
  const response = new Response(body, { status });
  for (const [name, value] of headers) response.headers.append(name, value);
  if (nonce !== undefined) Reflect.set(response, NONCE, nonce);
  return response;
}
