import { z } from "zod";
import { accept } from "@/lib/domain/result.ts";
import { addMember } from "@/lib/tenancy/members.ts";
import { ROLES } from "@/lib/tenancy/roles.ts";
import { NOTHING, operation } from "./operation.ts";
import { pathTenant } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

export const listMembers = operation({
  id: "listMembers",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/members",
  tag: "Members",
  summary: "List a tenant's members",
  input: NOTHING,
  answer: { status: 200, description: "All members" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const members = await call.services.members.members(found.value.value.tenantId);
    return accept({ body: { items: toJson(members) } });
  },
});

export const createMember = operation({
  id: "addMember",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/members",
  tag: "Members",
  summary: "Add a member, for instance the first owner, who then signs in by e-mail",
  input: z.strictObject({
    email: z.string().max(254),
    name: z.string().max(400),
    role: z.enum(ROLES),
  }),
  answer: { status: 201, description: "Added" },
  problems: ["unknown_tenant", "invalid_email", "member_exists"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { services, act, input } = call;
    const { tenantId } = found.value.value;
    const deps = { ...services, sessions: services.portal.sessionStore };
    const added = await addMember({ ...input, tenantId }, { deps, act });
    return added.ok ? accept({ body: toJson(added.value) }) : added;
  },
});
