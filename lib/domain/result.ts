/** An expected outcome as a value: callers must look at `ok` before they touch `value`. */
export type Result<T, E extends Refusal = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/**
 * Why something was refused. `code` is a stable snake_case word that clients may branch on;
 * `detail` says in a sentence what to change; `pointer` is a JSON Pointer (RFC 6901) into the input.
 */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly errors?: readonly Refusal[];
}

export function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refuse<E extends Refusal>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
