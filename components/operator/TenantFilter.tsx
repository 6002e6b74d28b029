import { Button, ButtonLink } from "../ui/Button.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { HiddenFields } from "../ui/HiddenFields.tsx";

/** Shows a list for one tenant alone; the other filters of the address stay. */
export function TenantFilter(
  { path, filters, tenantId, allHref }: {
    path: string;
    filters: Readonly<Record<string, string>>;
    /** Empty for all tenants. */
    tenantId: string;
    allHref: string;
  },
) {
  return (
    <Form action={path} method="get" class="filters" label="Filter by tenant">
      <HiddenFields fields={filters} />
      <TextField
        name="tenant"
        label="Tenant id or name"
        type="search"
        value={tenantId}
        maxLength={100}
        spellcheck={false}
      />
      <Button icon="search">Show</Button>
      {tenantId !== "" && <ButtonLink href={allHref}>All tenants</ButtonLink>}
    </Form>
  );
}
