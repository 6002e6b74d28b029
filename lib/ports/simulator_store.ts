/** One document of the Stripe simulator; `value` is plain JSON. */
export interface SimulatorDocument {
  readonly collection: string;
  readonly id: string;
  readonly value: unknown;
}

export type SimulatorChange =
  | ({ readonly kind: "put" } & SimulatorDocument)
  | { readonly kind: "delete"; readonly collection: string; readonly id: string };

/** Where the Stripe simulator keeps its state. One simulator per store at a time. */
export interface SimulatorStore {
  /** Every document, read once at the start. */
  load(): AsyncIterable<SimulatorDocument>;
  /** All changes or none, also when the process dies meanwhile. */
  commit(changes: readonly SimulatorChange[]): Promise<void>;
}
