/** Whether a client's version could be a versionstamp at all; KV throws on a check of other text. */
export function isVersion(version: string | null): boolean {
  return version === null || /^[0-9a-f]{20}$/.test(version);
}

export const VERSION_MISMATCH = { ok: false, code: "version_mismatch" } as const;
