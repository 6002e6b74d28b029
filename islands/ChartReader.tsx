// An island because it follows pointer and keys; without it, bars have tooltips and lead closer in.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { slotAt } from "../components/charts/scale.ts";

export interface ChartReaderProps {
  /** Start of the first slot, UTC, and the length of each. */
  readonly fromMs: number;
  readonly stepMs: number;
  /** Where a chosen range leads: the page's address without a range. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly words: ReaderWords;
}

/** Texts in the viewer's language; `{from}` and `{to}` are filled in. */
export interface ReaderWords {
  readonly column: string;
  readonly nothing: string;
  readonly begin: string;
  readonly show: string;
  readonly cancel: string;
  readonly between: string;
}

/** One column of the chart, as its own tooltip tells it. */
interface Slot {
  readonly column: Element;
  readonly label: string;
  readonly figures: readonly string[];
}

/**
 * Reads a `StackedBars` that it stands in: hovering or sliding names a column and its figures, and
 * dragging, or setting a first column and moving on, chooses a range to look at more closely.
 */
export function ChartReader({ fromMs, stepMs, path, query, words }: ChartReaderProps) {
  const root = useRef<HTMLDivElement>(null);
  const slots = useSignal<readonly Slot[]>([]);
  const at = useSignal(0);
  /** Where a range begins, while one is being chosen. */
  const anchor = useSignal<number | null>(null);
  const range = useComputed(() => {
    const other = anchor.value ?? at.value;
    return { first: Math.min(other, at.value), last: Math.max(other, at.value) };
  });

  useEffect(() => {
    const svg = root.current?.closest("figure")?.querySelector("svg");
    if (svg === null || svg === undefined) return;
    slots.value = readSlots(svg);
    at.value = Math.max(0, slots.value.findLastIndex(({ figures }) => figures.length > 0));
    return followPointer(svg, {
      count: slots.value.length,
      move: (slot) => at.value = slot,
      begin: (slot) => anchor.value = slot,
      end: (dragged) => {
        if (dragged) location.assign(rangeHref(range.value));
        else anchor.value = null;
      },
    });
  }, []);

  useEffect(() => {
    const { first, last } = range.value;
    slots.value.forEach(({ column }, index) =>
      column.classList.toggle("read", index >= first && index <= last)
    );
  }, [slots.value, range.value]);

  const rangeHref = ({ first, last }: { readonly first: number; readonly last: number }) => {
    const from = instant(fromMs + first * stepMs);
    const to = instant(fromMs + (last + 1) * stepMs);
    return `${path}?${new URLSearchParams({ ...query, from, to })}`;
  };
  const slot = slots.value[at.value];
  const begin = anchor.value === null ? undefined : slots.value[anchor.value];
  const figures = slot === undefined || slot.figures.length === 0 ? [words.nothing] : slot.figures;
  return (
    <div class="chart-reader" ref={root}>
      {slot !== undefined && (
        <>
          <input
            type="range"
            aria-label={words.column}
            aria-valuetext={[slot.label, ...figures].join(", ")}
            min="0"
            max={slots.value.length - 1}
            value={at.value}
            onInput={(event) => at.value = event.currentTarget.valueAsNumber}
          />
          <p>
            <strong>
              {begin === undefined ? slot.label : betweenText(words.between, begin, slot)}
            </strong>
            {begin === undefined &&
              figures.map((figure) => <span class="num" key={figure}>{figure}</span>)}
          </p>
          <div class="row">
            {begin === undefined
              ? (
                <button
                  class="btn btn-plain btn-sm"
                  type="button"
                  onClick={() => anchor.value = at.value}
                >
                  {words.begin}
                </button>
              )
              : (
                <>
                  <a class="btn btn-plain btn-sm" href={rangeHref(range.value)}>{words.show}</a>
                  <button
                    class="btn btn-quiet btn-sm"
                    type="button"
                    onClick={() => anchor.value = null}
                  >
                    {words.cancel}
                  </button>
                </>
              )}
          </div>
        </>
      )}
    </div>
  );
}

function betweenText(text: string, { label: from }: Slot, { label: to }: Slot): string {
  return text.replace(/\{(from|to)\}/g, (_, name) => name === "from" ? from : to);
}

/** Takes the tooltips away: their text is shown in the reader from now on. */
function readSlots(svg: SVGElement): readonly Slot[] {
  return [...svg.querySelectorAll(".column")].map((column) => {
    const title = column.querySelector("title");
    const [label = "", ...figures] = (title?.textContent ?? "").split("\n");
    title?.remove();
    return { column, label, figures };
  });
}

interface Follower {
  readonly count: number;
  move(slot: number): void;
  begin(slot: number): void;
  end(dragged: boolean): void;
}

/** Returns how to stop. */
function followPointer(svg: SVGElement, { count, move, begin, end }: Follower): () => void {
  let pressed: number | null = null;
  let dragged = false;
  const slotOf = (event: PointerEvent) => {
    const { left, width } = svg.getBoundingClientRect();
    return slotAt((event.clientX - left) / width, count);
  };
  const listeners = new AbortController();
  const on = (name: string, listener: (event: PointerEvent) => void, capture = false) =>
    svg.addEventListener(name, (event) => {
      if (event instanceof PointerEvent) listener(event);
    }, { signal: listeners.signal, capture });
  on("pointermove", (event) => {
    const slot = slotOf(event);
    move(slot);
    if (pressed === null || slot === pressed || dragged) return;
    dragged = true;
    begin(pressed);
    svg.setPointerCapture(event.pointerId);
  });
  on("pointerdown", (event) => {
    dragged = false;
    pressed = event.pointerType === "mouse" && event.button === 0 ? slotOf(event) : null;
  });
  on("pointerup", () => {
    const wasDragged = dragged;
    pressed = null;
    if (wasDragged) end(true);
  });
  on("pointercancel", () => {
    pressed = null;
    dragged = false;
    end(false);
  });
  // The click that ends a drag is not meant for the bar under it.
  on("click", (event) => {
    if (dragged) event.preventDefault();
  }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault(), {
    signal: listeners.signal,
  });
  return () => listeners.abort();
}

/** As the range fields of the page read it. */
function instant(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16);
}
