/** The only source of identity and randomness for use cases. */
export interface Ids {
  /** A fresh, sortable, unguessable id such as `req_01J…`; `prefix` is a short lowercase word. */
  next(prefix: string): string;
  /** Cryptographically random bytes. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
}
