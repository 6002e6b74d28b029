import { page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { type TenantKeysModel, TenantKeysPage } from "@/components/operator/TenantPeoplePages.tsx";
import { loadKeys } from "@/lib/portal/load_keys.ts";
import { createApiKey, revokeApiKey } from "@/lib/tenancy/api_keys.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../../(_shared)/operator_state.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenantId, head } = await tenantOf(ctx);
    const { keys } = await loadKeys(ctx.state.services, { tenantId, draft: null });
    const model: TenantKeysModel = { keys, created: null, error: null };
    return page({ head, model });
  },
  async POST(ctx) {
    const { tenantId, head } = await tenantOf(ctx);
    const { services, visit: { act } } = ctx.state;
    const path = tenantPath(tenantId, "keys");
    if (field(ctx, "act") === "revoke") {
      if (!isConfirmed(ctx, "revoke")) return done(path, "not_confirmed");
      const keyId = field(ctx, "key");
      const revoked = await revokeApiKey({ tenantId, keyId }, { deps: services, act });
      return doneIf(revoked, { path, flash: "key_revoked" });
    }
    const mode = field(ctx, "mode") === "test" ? "test" : "live";
    const input = { tenantId, name: field(ctx, "name"), mode, scopes: ["*"] } as const;
    const made = await createApiKey(input, { deps: services, act });
    const { keys } = await loadKeys(services, { tenantId, draft: null });
    const model: TenantKeysModel = made.ok
      ? { keys, created: { name: made.value.key.name, secret: made.value.secret }, error: null }
      : { keys, created: null, error: made.error.detail };
    return page({ head, model }, { status: made.ok ? 200 : 422 });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantKeysPage frame={state.visit.frame} {...data} />
));
