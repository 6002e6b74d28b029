import type { PlanVersion } from "@/lib/domain/plan.ts";
import { toPlanDefinition } from "./plan_definition.ts";

/** Hex SHA-256 of a plan's terms; equal for equal terms, whatever the revision or date. */
export async function hashTerms(plan: PlanVersion): Promise<string> {
  const text = JSON.stringify(toPlanDefinition(plan));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
