/** Work that recurs; each run does all that is due, so a missed run is made up for by the next. */
export type ChoreName = "flush" | "watch" | "hourly" | "daily";

export interface ChoreRun {
  readonly name: ChoreName;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly ok: boolean;
  /** Counts of what was done, or the error. */
  readonly report: Readonly<Record<string, string | number | boolean>>;
}

export interface ChoreStore {
  note(run: ChoreRun): Promise<void>;
  /** Newest first. */
  runs(query: { readonly name?: ChoreName; readonly limit: number }): Promise<readonly ChoreRun[]>;
}
