import type { TenantId } from "../domain/tenant.ts";

/** One sent form: the same form with the same fields has the same hash. */
export interface SubmissionId {
  readonly tenantId: TenantId;
  /** Hex SHA-256 over session, path and fields. */
  readonly hash: string;
}

/** Which forms were sent, on any instance; remembered for a day. */
export interface SubmissionStore {
  /** `false`: it was sent before. */
  claim(id: SubmissionId): Promise<boolean>;
  /** It did nothing, so that it may be sent again. */
  release(id: SubmissionId): Promise<void>;
}

/** An answer of ours that can be given more than once. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** Of a rendered page, which its content policy names. */
  readonly nonce: unknown;
}
