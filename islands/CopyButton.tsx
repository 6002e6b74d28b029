// An island because only a script can reach the clipboard; the text beside it can be selected.
import { useSignal } from "@preact/signals";

const SHOWN_MS = 2_000;

/** Texts in the viewer's language; `what` says what is copied to those who don't see it. */
export interface CopyWords {
  readonly copy: string;
  readonly copied: string;
  readonly what: string;
  readonly status: string;
}

export function CopyButton({ text, words }: { text: string; words: CopyWords }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => copied.value = false, SHOWN_MS);
  };
  return (
    <button class="btn btn-sm no-print" type="button" onClick={copy}>
      {copied.value ? words.copied : words.copy}
      <span class="sr-only">{words.what}</span>
      <span class="sr-only" role="status">{copied.value ? words.status : ""}</span>
    </button>
  );
}
