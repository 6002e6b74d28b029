/** What a page of newest rows is asked by; `state`: only rows in it. */
export interface NewestQuery<State extends string> {
  readonly sinceMs: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: State | undefined;
}
