// An island because it follows work that goes on; without it, "Look again" shows how far it is.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** What the address of a load's progress answers. */
export interface LoadStep {
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly instruments: number;
}

const ASK_EVERY_MS = 1_000;

export function LoadProgress(
  { href, ...first }: Omit<LoadStep, "state"> & { readonly href: string },
) {
  const step = useSignal<Omit<LoadStep, "state">>(first);

  useEffect(() => {
    let timer = setTimeout(ask, ASK_EVERY_MS);
    async function ask() {
      const answer = await fetch(href).catch(() => null);
      const next = answer?.ok === true ? await answer.json().catch(() => null) : null;
      if (isStep(next)) {
        step.value = next;
        // The page says what came of it.
        if (next.state !== "screening") return location.reload();
      }
      timer = setTimeout(ask, ASK_EVERY_MS);
    }
    return () => clearTimeout(timer);
  }, [href]);

  const { done, total, instruments } = step.value;
  const share = total <= 0 ? 0 : Math.min(1, done / total);
  return (
    <div class="progress">
      <div class="row-between">
        <span role="status">{`${done} of ${total} tenants, ${instruments} instruments`}</span>
        <span class="num muted">{`${Math.floor(share * 100)} %`}</span>
      </div>
      <progress value={share} max={1} aria-label="Tenants screened" />
    </div>
  );
}

function isStep(value: unknown): value is LoadStep {
  return typeof value === "object" && value !== null && "state" in value && "done" in value &&
    "total" in value && "instruments" in value;
}
