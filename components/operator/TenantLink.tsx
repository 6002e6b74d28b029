import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Names of tenants by id. */
export type TenantNames = ReadonlyMap<string, string>;

/** Of the tenants that a page speaks of. */
export const TenantNamesContext = createContext<TenantNames>(new Map());

/** A tenant's page, by name with the id below, or by the id alone where the name is not at hand. */
export function TenantLink({ tenantId }: { tenantId: string }) {
  const name = useContext(TenantNamesContext).get(tenantId);
  return (
    <div class="tenant">
      <TenantName tenantId={tenantId} name={name} />
      {name !== undefined && <div class="muted mono small id">{tenantId}</div>}
    </div>
  );
}

/** The same in one line, by one of the two. */
export function TenantName({ tenantId, name }: { tenantId: string; name: string | undefined }) {
  return (
    <a class="break" href={tenantPath(tenantId)}>
      <bdi>{name ?? tenantId}</bdi>
    </a>
  );
}

export function tenantPath(tenantId: string, tab = ""): string {
  return `/operator/tenants/${encodeURIComponent(tenantId)}${tab === "" ? "" : `/${tab}`}`;
}
