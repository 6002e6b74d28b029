import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Role } from "@/lib/ports/members.ts";

/** What a member may do; every act of the portal names one of these. */
export type Permission =
  | "view"
  | "manage_keys"
  | "manage_alerts"
  | "manage_budget"
  | "manage_billing"
  | "manage_settings"
  | "invite_members"
  | "manage_members";

const ADMIN: readonly Permission[] = [
  "view",
  "manage_keys",
  "manage_alerts",
  "manage_budget",
  "manage_billing",
  "manage_settings",
  "invite_members",
];

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [...ADMIN, "manage_members"],
  admin: ADMIN,
  viewer: ["view"],
};

export const ROLES: readonly Role[] = ["owner", "admin", "viewer"];

export function mayDo(role: Role, permission: Permission): boolean {
  return PERMISSIONS[role].includes(permission);
}

/** Whether somebody of this role may invite another one as `invited`; owners alone make owners. */
export function mayInviteAs(role: Role, invited: Role): boolean {
  return mayDo(role, invited === "owner" ? "manage_members" : "invite_members");
}

/** Error: `validation_failed`. */
export function parseRole(text: string): Result<Role> {
  const role = ROLES.find((candidate) => candidate === text);
  if (role !== undefined) return accept(role);
  const detail = `A role is one of ${ROLES.join(", ")}`;
  return refuse({ code: "validation_failed", detail, pointer: "/role" });
}
