import { createMember, listMembers } from "@/lib/http/operator/members.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(listMembers, createMember);
