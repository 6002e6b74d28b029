import type { RatingUpstream, UpstreamAnswer } from "@/lib/ports/rating.ts";

/** Asks the operator's upstream by POST. Redirects are refused: they could leave the permitted hosts. */
export const ratingUpstream: RatingUpstream = {
  ask: async (url, { body, timeoutMs, bytesMax }) => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status === 200) return await readText(response, bytesMax);
      await response.body?.cancel();
      return { ok: false, code: "bad_status" };
    } catch (error) {
      const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
      return { ok: false, code: isTimeout ? "timeout" : "unreachable" };
    }
  },
};

async function readText(response: Response, bytesMax: number): Promise<UpstreamAnswer> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) return { ok: false, code: "too_large" };
    text += decoder.decode(chunk, { stream: true });
  }
  return { ok: true, text: text + decoder.decode() };
}
