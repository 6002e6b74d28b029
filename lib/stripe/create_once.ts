import { ProviderError } from "@/lib/ports/billing_provider.ts";
import { isConflict, isTransient } from "./failures.ts";

const ATTEMPTS_MAX = 3;

/**
 * Finds an object or makes it, so that repeating after a crash at any point makes no second one:
 * `find` recognises it by what we wrote into it, and for 24 h Stripe recognises the key. Each
 * attempt has a key of its own, because Stripe replays a stored 500; that is safe since a 500
 * whose effect happened is found first.
 */
export async function createOnce<T>(
  { key, find, create }: {
    key: string;
    find: (options: { thorough: boolean }) => Promise<T | null>;
    create: (idempotencyKey: string) => Promise<T>;
  },
): Promise<T> {
  let failure: unknown = null;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const found = await find({ thorough: attempt > 0 });
    if (found !== null) return found;
    try {
      return await create(`${key}:${attempt}`);
    } catch (error) {
      failure = error;
      if (isConflict(error)) {
        const other = await find({ thorough: true });
        if (other !== null) return other;
        throw error;
      }
      if (!isTransient(error)) throw error;
    }
  }
  throw failure ?? new ProviderError("unavailable", `Cannot create ${key}`);
}
