import { HttpError } from "fresh";
import { mayDo, type Permission } from "@/lib/tenancy/roles.ts";
import type { PortalState } from "./portal_state.ts";

/** Throws 403 unless the member's role grants it; pages hide what this would refuse. */
export function permit({ state }: { state: PortalState }, permission: Permission): void {
  if (!mayDo(state.visit.member.role, permission)) throw new HttpError(403);
}
