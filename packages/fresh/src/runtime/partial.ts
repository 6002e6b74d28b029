import type { ComponentChildren } from "preact";

/** Props of {@linkcode Partial}. */
export interface PartialProps {
  children?: ComponentChildren;
  name: string;
  mode?: "replace" | "prepend" | "append";
}

/** Partials are not part of this implementation: rendering one throws. */
export function Partial(props: PartialProps): never {
  throw new Error(
    `<Partial name="${props.name}"> is not implemented: this build of Fresh serves whole pages only`,
  );
}
