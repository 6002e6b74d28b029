import type { PlanMeter, Price } from "@/lib/domain/plan.ts";

/** Terms as they are typed; `""` is the open bound of the last tier. */
export interface TierDraft {
  readonly upTo: string;
  readonly unitAmount: string;
  readonly flatAmount: string;
}

export interface MeterDraft {
  readonly meter: string;
  readonly model: Price["model"];
  readonly unitAmount: string;
  readonly amount: string;
  readonly packageUnits: string;
  readonly packageAmount: string;
  readonly includedUnits: string;
  readonly quotaUnits: string;
  readonly enforcement: "soft" | "hard";
  readonly tiers: readonly TierDraft[];
}

export interface PlanDraft {
  readonly planId: string;
  readonly name: string;
  readonly description: string;
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly baseFee: string;
  readonly minimumCommitment: string;
  readonly requestsPerSecond: string;
  readonly burst: string;
  readonly graceDays: string;
  /** Words, one a line. */
  readonly features: string;
  readonly meters: readonly MeterDraft[];
}

/** By JSON Pointer into the definition. */
export type FieldErrors = Readonly<Record<string, string>>;

export interface PlanEditorModel {
  readonly action: string;
  readonly backHref: string;
  readonly draft: PlanDraft;
  /** Version that the draft was made from; somebody else's save changes it. */
  readonly base: string;
  /** A new plan has an id to choose; currency and interval of an old one are fixed. */
  readonly isNew: boolean;
  readonly meters: readonly string[];
  /** Each meter as it is typed, `null` while that makes no price. */
  readonly pictures: readonly (PlanMeter | null)[];
  /** `""` is about the whole. */
  readonly errors: FieldErrors;
}
