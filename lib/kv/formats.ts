import { StorageUnavailable } from "@/lib/ports/storage.ts";

/**
 * The form of stored values is a number, `v`; a value without one has form 1. During a deploy two
 * builds work on one database, and after a rollback the older one goes on alone. So a change of form
 * comes in two releases: the first reads old and new and writes the old one, the second writes the
 * new one. A build that meets a form it does not know leaves it alone: misread, it could cost units.
 */
const NEWEST_FORM: Readonly<Record<string, number>> = {};
const FIRST_FORM = 1;

/** A newer build has written this; it is for the newer build to read. */
export class NewerForm extends StorageUnavailable {
  override name = "NewerForm";

  constructor(kind: string, { form, known }: { readonly form: number; readonly known: number }) {
    super(`A stored ${kind} has form ${form}, and this build reads ${known}: run the newer build`);
  }
}

/** Throws `NewerForm` for an entry that this build can't read. */
export function checkForm(
  { key, value }: { readonly key: Deno.KvKey; readonly value: unknown },
): void {
  if (typeof value !== "object" || value === null || !("v" in value)) return;
  const form = value.v;
  if (typeof form !== "number" || form === FIRST_FORM) return;
  const kind = String(key[0]);
  const known = NEWEST_FORM[kind] ?? FIRST_FORM;
  if (form > known) throw new NewerForm(kind, { form, known });
}
