import type { ComponentChildren } from "preact";

export interface CardProps {
  readonly title?: string;
  readonly note?: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly id?: string;
  /** Tables reach the card's edges. */
  readonly flush?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, note, aside, id, flush = false, children }: CardProps) {
  return (
    <section class={flush ? "card card-flush" : "card"} id={id} aria-label={title}>
      {title !== undefined && (
        <div class="card-head">
          <h2>
            <bdi>{title}</bdi>
          </h2>
          {aside}
          {note !== undefined && <p>{note}</p>}
        </div>
      )}
      {children}
    </section>
  );
}
