/** Names that stripe-mock's fixtures leave out of objects that have them in the API reference. */
const KNOWN_OMISSIONS = ["pricing.price_details", "recurring.trial_period_days"];

/** Whose content is the caller's, not Stripe's. */
const OPEN = ["metadata", "payload"];

/**
 * Where `ours` does not look like `theirs`: a name that theirs lacks, or a value of another type.
 * Ours may leave names out, and a null says nothing about a type.
 */
export function shapeFaults(path: string, theirs: unknown, ours: unknown): string[] {
  if (theirs === null || ours === null) return [];
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const both = theirs.length > 0 && ours.length > 0;
    return both ? shapeFaults(`${path}[]`, theirs[0], ours[0]) : [];
  }
  if (typeof theirs !== typeof ours || Array.isArray(theirs) !== Array.isArray(ours)) {
    return [`${path} is a ${typeof ours}, not a ${typeof theirs}`];
  }
  if (typeof theirs !== "object" || typeof ours !== "object") return [];
  if (OPEN.some((name) => path.endsWith(`.${name}`))) return [];
  const known = new Map<string, unknown>(Object.entries(theirs));
  return Object.entries(ours).flatMap(([name, value]) => {
    const inner = `${path}.${name}`;
    if (known.has(name)) return shapeFaults(inner, known.get(name), value);
    return KNOWN_OMISSIONS.some((omission) => inner.endsWith(omission))
      ? []
      : [`${inner} is not in Stripe's object`];
  });
}
