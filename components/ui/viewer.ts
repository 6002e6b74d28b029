import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Say, sayIn } from "@/lib/i18n/portal/messages.ts";

/** Who looks at the page: everything that turns data into text depends on it. */
export interface Viewer {
  /** BCP 47. */
  readonly locale: string;
  /** IANA zone; billing itself is UTC. */
  readonly timeZone: string;
  /** The instant at which the page was made. */
  readonly nowMs: number;
  /** Sent back with every form; `null` where no session exists. */
  readonly csrfToken: string | null;
  /** Tells one page's form from the same form of another page, so that a second click does nothing. */
  readonly formId?: string;
}

export const PLAIN_VIEWER: Viewer = {
  locale: "en",
  timeZone: "UTC",
  nowMs: 0,
  csrfToken: null,
};

export const ViewerContext = createContext<Viewer>(PLAIN_VIEWER);

export function useViewer(): Viewer {
  return useContext(ViewerContext);
}

/** Texts in the viewer's language. */
export function useSay(): Say {
  return sayIn(useViewer().locale);
}
