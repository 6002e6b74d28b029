// An island because a server never sees what stands behind the # of a link; one can paste it, too.
import { useEffect } from "preact/hooks";

/** Moves the code from the address into the form field, and out of the browser's history. */
export function LinkCode({ field }: { field: string }) {
  useEffect(() => {
    const code = location.hash.slice(1);
    const input = document.getElementById(field);
    if (code === "" || !(input instanceof HTMLInputElement)) return;
    input.value = code;
    history.replaceState(null, "", location.pathname + location.search);
  }, [field]);
  return null;
}
