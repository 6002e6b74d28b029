import type { Context } from "fresh";
import { ErrorPage } from "@/components/ui/ErrorPage.tsx";
import { isTooManyAttempts } from "@/lib/auth/attempts.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { type PageState, themeOf } from "./page_state.ts";
import { publicViewer } from "./public_viewer.ts";

/** `Retry-After` of an answer to too many attempts; no header for any other refusal. */
export function retryAfter(refusal: Refusal): Record<string, string> {
  return isTooManyAttempts(refusal) ? { "retry-after": String(refusal.retryAfterSeconds) } : {};
}

/** For who was refused where there is no form to come back to. */
export function waitPage(ctx: Context<PageState>, refusal: Refusal): Promise<Response> {
  const viewer = publicViewer(ctx);
  const page = (
    <ErrorPage
      viewer={viewer}
      theme={themeOf(ctx.req)}
      status={429}
      detail={faultWords(refusal, sayIn(viewer.locale))}
      requestId={ctx.state.requestId ?? null}
    />
  );
  return ctx.render(page, { status: 429, headers: retryAfter(refusal) });
}
