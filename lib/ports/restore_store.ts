import type { AuditDraft } from "./audit.ts";

/** That a restored database is being made ready, and the epoch that it will have. */
export interface RestoreMark {
  readonly newEpoch: string;
  readonly beganAtMs: number;
}

export interface RestoreStore {
  /** `epoch` is `null` in a database that was never served from. */
  state(): Promise<{ readonly epoch: string | null; readonly mark: RestoreMark | null }>;
  /** From here on no instance starts. Returns the mark that stands: the first one, when repeated. */
  begin(mark: RestoreMark): Promise<RestoreMark>;
  /** The new epoch, the end of the mark and the audit row in one commit. `false`: it ended already. */
  finish(mark: RestoreMark, audit: AuditDraft): Promise<boolean>;
}
