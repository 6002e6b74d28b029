import type { AloneHours } from "../domain/approval.ts";

/** Whose acts are counted, and what of: money by its currency, units by their meter. */
export interface AloneAccount {
  readonly author: string;
  readonly kind: "money" | "units";
  readonly of: string;
}

/** What a person did alone; `null`: nothing so far. */
export interface AloneActs {
  readonly hours: AloneHours;
  readonly versionstamp: string | null;
}

/** Written in the commit of the act itself, and only while nobody else has written there. */
export interface AloneGuard {
  readonly account: AloneAccount;
  readonly hours: AloneHours;
  readonly versionstamp: string | null;
}

export interface AloneReader {
  aloneActs(account: AloneAccount): Promise<AloneActs>;
}
