import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { matchingPlaces } from "./places.ts";
import { TenantName } from "./TenantLink.tsx";

export interface SearchModel {
  readonly query: string;
  readonly tenants: readonly { readonly tenantId: string; readonly name: string }[];
}

const PATH = "/operator/search";

/** What the palette finds, as a page. */
export function SearchPage({ frame, model }: { frame: OperatorFrame; model: SearchModel }) {
  const { query, tenants } = model;
  const places = matchingPlaces(query);
  return (
    <OperatorPage frame={frame} current={PATH}>
      <PageHeader title="Search" lede="Pages, acts, and tenants by name or id." />
      <Form action={PATH} method="get" class="filters" label="Search the console">
        <TextField name="q" label="Search for" type="search" value={query} maxLength={200} />
        <Button icon="search">Search</Button>
      </Form>
      {places.length === 0 && tenants.length === 0 && (
        <EmptyState title="Nothing by that name" icon="search" />
      )}
      {tenants.length > 0 && (
        <Card title="Tenants">
          <ul class="stack-sm">
            {tenants.map(({ tenantId, name }) => (
              <li key={tenantId}>
                <TenantName tenantId={tenantId} name={name} />{" "}
                <span class="muted mono">{tenantId}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {places.length > 0 && (
        <Card title="Pages and acts">
          <ul class="stack-sm">
            {places.map(({ href, label }) => (
              <li key={href}>
                <a href={href}>{label}</a>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </OperatorPage>
  );
}
