import { ButtonLink } from "./Button.tsx";
import { ErrorState } from "./ErrorState.tsx";
import { PublicShell } from "./PublicShell.tsx";
import type { Theme } from "./ThemeSwitch.tsx";
import type { Viewer } from "./viewer.ts";

const WORDS: Readonly<Record<number, readonly [string, string]>> = {
  400: [
    "That request makes no sense to us",
    "The address or the form is malformed. Go back and try again.",
  ],
  403: ["Not allowed", "You are signed in, but your role does not allow this."],
  404: ["Nothing is here", "The page does not exist, or it is not yours to see."],
  405: ["Wrong way in", "This address does not take that kind of request."],
  409: [
    "Somebody was faster",
    "It changed in the meantime. Nothing was overwritten; reload and look again.",
  ],
  413: [
    "Too much at once",
    "What you sent is larger than we take, and nothing of it was kept. Go back and send less.",
  ],
  429: ["Too many tries", "Wait a minute, then try again."],
  503: [
    "Not available right now",
    "Nothing was counted and nothing was lost. Try again in a moment.",
  ],
};

const FALLBACK = [
  "Something went wrong",
  "It is our fault and it is logged. Try again in a moment.",
] as const;

export function ErrorPage(
  { viewer, theme, status, requestId }: {
    viewer: Viewer;
    theme: Theme;
    status: number;
    requestId: string | null;
  },
) {
  const [title, detail] = WORDS[status] ?? FALLBACK;
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <ErrorState status={status} title={title} detail={detail} requestId={requestId}>
        <ButtonLink href="/portal" kind="primary">To the portal</ButtonLink>
        <ButtonLink href="/">Home</ButtonLink>
      </ErrorState>
    </PublicShell>
  );
}
