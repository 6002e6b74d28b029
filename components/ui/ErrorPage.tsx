import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { ButtonLink } from "./Button.tsx";
import { ErrorState } from "./ErrorState.tsx";
import { PublicShell } from "./PublicShell.tsx";
import type { Theme } from "./ThemeSwitch.tsx";
import type { Viewer } from "./viewer.ts";

/** Statuses with words of their own; any other is our fault. */
const KNOWN = [400, 403, 404, 405, 409, 413, 429, 503] as const;

export function ErrorPage(
  { viewer, theme, status, detail, requestId }: {
    viewer: Viewer;
    theme: Theme;
    status: number;
    /** In place of what the status alone says. */
    detail?: string;
    requestId: string | null;
  },
) {
  const say = sayIn(viewer.locale);
  const known = KNOWN.find((one) => one === status) ?? 500;
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <ErrorState
        status={status}
        title={say(`error_${known}_title`)}
        detail={detail ?? say(`error_${known}`)}
        requestId={requestId}
      >
        <ButtonLink href="/portal" kind="primary">{say("to_portal")}</ButtonLink>
        <ButtonLink href="/">{say("home")}</ButtonLink>
      </ErrorState>
    </PublicShell>
  );
}
