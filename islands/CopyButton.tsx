// An island because only a script can reach the clipboard; the text beside it can be selected.
import { useSignal } from "@preact/signals";

const SHOWN_MS = 2_000;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => copied.value = false, SHOWN_MS);
  };
  return (
    <button class="btn btn-sm no-print" type="button" onClick={copy}>
      {copied.value ? "Copied" : "Copy"}
      <span class="sr-only">{label}</span>
      <span class="sr-only" role="status">{copied.value ? "Copied to the clipboard" : ""}</span>
    </button>
  );
}
