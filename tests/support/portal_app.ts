/** The whole app for tests of the tenant portal in a browser. */
import type { Role } from "@/lib/ports/members.ts";
import { startWholeApp, type WholeApp } from "./whole_app.ts";

export interface PortalApp extends WholeApp {
  /** A sign-in link of a member, bound to no browser. */
  link(tenantId: string, role?: Role): Promise<string>;
}

export async function startPortal(): Promise<PortalApp> {
  const app = await startWholeApp();
  const { members, magicLinks } = app.runtime.services;
  return {
    ...app,
    link: async (tenantId, role = "owner") => {
      const member = (await members.members(tenantId)).find((one) => one.role === role);
      if (member === undefined) throw new Error(`No ${role} in ${tenantId}`);
      return await magicLinks.issue(member);
    },
  };
}
