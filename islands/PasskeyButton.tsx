// An island because only a script can ask the browser for a passkey; other ways in need none.
import { useSignal } from "@preact/signals";
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { useEffect, useRef } from "preact/hooks";

export interface PasskeyButtonProps {
  readonly act: "create" | "use";
  /** Answers the options of the ceremony. */
  readonly optionsHref: string;
  readonly csrfToken: string;
  readonly label: string;
}

type State = "loading" | "unsupported" | "ready" | "busy";

/** Stands in a form: asks the browser, puts its answer into the form and sends it. */
export function PasskeyButton({ act, optionsHref, csrfToken, label }: PasskeyButtonProps) {
  const state = useSignal<State>("loading");
  const trouble = useSignal<string | null>(null);
  const answer = useRef<HTMLInputElement>(null);

  useEffect(() => {
    state.value = browserSupportsWebAuthn() ? "ready" : "unsupported";
  }, []);

  const ask = async () => {
    const form = answer.current?.form;
    if (!form || answer.current === null || !form.reportValidity()) return;
    state.value = "busy";
    trouble.value = null;
    try {
      const optionsJSON = await optionsFrom(optionsHref, csrfToken);
      const credential = act === "create"
        ? await startRegistration({ optionsJSON })
        : await startAuthentication({ optionsJSON });
      answer.current.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      trouble.value = troubleWords(error);
      state.value = "ready";
    }
  };

  return (
    <>
      <input type="hidden" name="response" ref={answer} />
      <button
        class="btn btn-primary"
        type="button"
        disabled={state.value !== "ready"}
        onClick={ask}
      >
        {label}
      </button>
      <span class="hint" role="status">
        {state.value === "unsupported" ? "This browser has no passkeys." : trouble.value ?? ""}
      </span>
    </>
  );
}

class Refused extends Error {}

// deno-lint-ignore no-explicit-any -- the library checks what it is given
async function optionsFrom(href: string, csrfToken: string): Promise<any> {
  const reply = await fetch(href, {
    method: "POST",
    body: new URLSearchParams({ csrf_token: csrfToken }),
  });
  if (reply.ok) return await reply.json();
  throw new Refused(
    reply.status === 429
      ? "Too many attempts; try again in some minutes."
      : "That did not work; load the page again.",
  );
}

function troubleWords(error: unknown): string {
  if (error instanceof Refused) return error.message;
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") {
    return "Cancelled, or it took too long. Nothing was changed.";
  }
  if (name === "InvalidStateError") return "This device has a passkey of yours already.";
  return "The browser could not use a passkey here.";
}
