/**
 * The last of figures that were dear to make, by name. `shape` counts up when what is kept under a
 * name changes its fields: figures of another shape are not returned.
 */
export interface FigureStore {
  read(
    name: string,
    shape: number,
  ): Promise<{ readonly value: unknown; readonly atMs: number } | null>;
  /** Best effort: the figures can be made again. */
  keep(
    name: string,
    figures: { readonly shape: number; readonly value: unknown; readonly atMs: number },
  ): Promise<void>;
}
