/** For a machine that is slow or does much else: a database that answers late is not away. */
export const PATIENT_KV = { timeoutMs: 120_000 } as const;
