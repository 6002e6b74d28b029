import { page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { type TenantKeysModel, TenantKeysPage } from "@/components/operator/TenantPeoplePages.tsx";
import { loadKeys } from "@/lib/portal/load_keys.ts";
import { createApiKey, revokeApiKey } from "@/lib/tenancy/api_keys.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenantId, head } = await tenantOf(ctx);
    const { keys } = await loadKeys(ctx.state.services, { tenantId, draft: null });
    const model: TenantKeysModel = { keys, created: null, draft: NO_DRAFT };
    return page({ head, model });
  },
  /** The answer itself shows the secret: no address ever leads to it again. */
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
    // A key outlives the session that made it; taking one away must not wait.
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const name = field(ctx, "name");
    const mode = field(ctx, "mode") === "test" ? "test" : "live";
    const input = { tenantId, name, mode, scopes: ["*"] } as const;
    const made = await createApiKey(input, { deps: services, act });
    const { keys } = await loadKeys(services, { tenantId, draft: null });
    if (made.ok) {
      const created = { name: made.value.key.name, secret: made.value.secret };
      return page({ head, model: { keys, created, draft: NO_DRAFT } });
    }
    const draft = { name, mode, error: made.error.detail } as const;
    return page({ head, model: { keys, created: null, draft } }, { status: 422 });
  },
});

const NO_DRAFT = { name: "", mode: "live", error: null } as const;

export default define.page<typeof handler>(({ data, state }) => (
  <TenantKeysPage frame={state.visit.frame} {...data} />
));
