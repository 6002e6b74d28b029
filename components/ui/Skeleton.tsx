/** Stands where something is still on its way; the text is for those who don't see it. */
export function Skeleton({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div class="skeleton" role="status">
      {Array.from({ length: lines }, (_, line) => <span key={line} aria-hidden="true" />)}
      <p class="sr-only">{label}</p>
    </div>
  );
}
