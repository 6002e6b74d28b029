// An island because it opens over any page at a key and follows the typing; without it, the same
// links lead to a page that searches.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { matchingPlaces } from "../components/operator/places.ts";

/** What the address of the search answers. */
export interface FoundTenant {
  readonly tenantId: string;
  readonly name: string;
}

interface Option {
  readonly href: string;
  readonly label: string;
  readonly kind: string;
}

const LIST = "palette-list";
/** Typing goes on faster than this. */
const TYPED_MS = 120;

export function CommandPalette({ href }: { readonly href: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const query = useSignal("");
  const tenants = useSignal<readonly FoundTenant[]>([]);
  const active = useSignal(0);

  useEffect(() => {
    const open = () => {
      if (dialog.current === null || dialog.current.open) return;
      query.value = "";
      active.value = 0;
      dialog.current.showModal();
      field.current?.focus();
    };
    const onKey = (event: KeyboardEvent) => {
      const isShortcut = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey &&
        event.key.toLowerCase() === "k";
      if (!isShortcut) return;
      event.preventDefault();
      if (dialog.current?.open === true) dialog.current.close();
      else open();
    };
    const onClick = (event: MouseEvent) => {
      const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (!isPlain || !(event.target instanceof Element)) return;
      if (event.target.closest("a[data-palette]") === null) return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    // From now on the key works: the style sheet shows it.
    document.documentElement.dataset.paletteReady = "";
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onClick);
    };
  }, []);

  const typed = query.value.trim();
  useEffect(() => {
    tenants.value = [];
    if (typed === "") return;
    const request = new AbortController();
    const timer = setTimeout(async () => {
      const found = await findTenants(href, { typed, signal: request.signal });
      if (!request.signal.aborted) tenants.value = found;
    }, TYPED_MS);
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [typed, href]);

  const options: readonly Option[] = [
    ...matchingPlaces(typed).map(({ href, label }) => ({ href, label, kind: "Page" })),
    ...tenants.value.map(({ tenantId, name }) => ({
      href: `/operator/tenants/${encodeURIComponent(tenantId)}`,
      label: name,
      kind: `Tenant ${tenantId}`,
    })),
  ];
  const at = Math.min(active.value, Math.max(0, options.length - 1));

  const onInputKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && options.length > 0) {
      event.preventDefault();
      active.value = (at + step + options.length) % options.length;
      document.getElementById(optionId(active.value))?.scrollIntoView({ block: "nearest" });
    }
    const chosen = options[at];
    if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      location.href = chosen.href;
    }
  };

  return (
    <dialog
      class="palette"
      ref={dialog}
      aria-label="Search pages, acts and tenants"
      onClick={(event) => {
        // The backdrop belongs to the dialog; everything else in it is a child.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <input
        class="input"
        ref={field}
        type="text"
        role="combobox"
        aria-label="Search pages, acts and tenants"
        aria-autocomplete="list"
        aria-expanded="true"
        aria-controls={LIST}
        aria-activedescendant={options.length === 0 ? undefined : optionId(at)}
        autocomplete="off"
        spellcheck={false}
        placeholder="A page, an act, or a tenant’s name or id"
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          active.value = 0;
        }}
        onKeyDown={onInputKey}
      />
      <div class="palette-list" id={LIST} role="listbox" aria-label="Found">
        {options.map(({ href, label, kind }, index) => (
          <div
            key={`${href} ${kind}`}
            id={optionId(index)}
            role="option"
            aria-selected={index === at ? "true" : "false"}
            onPointerMove={() => active.value = index}
            onClick={() => location.href = href}
          >
            <bdi>{label}</bdi>
            <span class="kind">{kind}</span>
          </div>
        ))}
        {options.length === 0 && (
          <div role="option" aria-selected="false" aria-disabled="true" class="palette-none">
            Nothing by that name
          </div>
        )}
      </div>
      <span class="sr-only" role="status">{`${options.length} found`}</span>
    </dialog>
  );
}

function optionId(index: number): string {
  return `palette-option-${index}`;
}

/** None when nothing answers: pages are found without it. */
async function findTenants(
  href: string,
  { typed, signal }: { readonly typed: string; readonly signal: AbortSignal },
): Promise<readonly FoundTenant[]> {
  try {
    const reply = await fetch(`${href}?${new URLSearchParams({ q: typed })}`, { signal });
    if (!reply.ok) return [];
    const found: unknown = await reply.json();
    return Array.isArray(found) ? found.filter(isTenant) : [];
  } catch {
    return [];
  }
}

function isTenant(value: unknown): value is FoundTenant {
  return typeof value === "object" && value !== null && "tenantId" in value && "name" in value &&
    typeof value.tenantId === "string" && typeof value.name === "string";
}
