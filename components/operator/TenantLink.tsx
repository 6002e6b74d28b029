/** A tenant's page; `name` where it is at hand. */
export function TenantLink({ tenantId, name }: { tenantId: string; name?: string }) {
  return (
    <a class="break" href={tenantPath(tenantId)}>
      <bdi>{name ?? tenantId}</bdi>
    </a>
  );
}

export function tenantPath(tenantId: string, tab = ""): string {
  return `/operator/tenants/${encodeURIComponent(tenantId)}${tab === "" ? "" : `/${tab}`}`;
}
