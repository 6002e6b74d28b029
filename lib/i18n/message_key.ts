import type { en } from "./en.ts";

export type MessageKey = keyof typeof en;

/** A whole catalogue: a missing or an extra key does not compile. */
export type Messages = Readonly<Record<MessageKey, string>>;
