import type { ListHead } from "@/lib/ports/rating.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { FileField, TextArea, TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Notice } from "../../ui/Notice.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Select } from "../../ui/Select.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { LIST_CRUMBS, LIST_FORM_PATH, LISTS_PATH } from "./list_path.ts";

export interface ListFormModel {
  /** The list that is replaced; `null` for a new one. */
  readonly current: ListHead | null;
  readonly draft: {
    readonly loadId: string;
    readonly listId: string;
    /** Of the list that is replaced, empty for a new one. */
    readonly version: string;
    readonly kind: string;
    readonly asOf: string;
    readonly text: string;
    readonly mayShrink: boolean;
  };
  /** What is wrong, row by row. */
  readonly errors: readonly string[];
}

const KINDS = [
  { value: "sanctions", label: "Sanctions: a hit blocks" },
  { value: "restricted", label: "Restricted" },
  { value: "watch", label: "Watch" },
  { value: "embargoed_countries", label: "Embargoed countries" },
  { value: "high_risk_countries", label: "High-risk countries" },
  { value: "", label: "As the JSON says" },
];

export function ListFormPage({ frame, model }: { frame: OperatorFrame; model: ListFormModel }) {
  const { current, draft, errors } = model;
  const { locale } = useViewer();
  const title = current === null ? "Load a list" : `Replace ${current.listId}`;
  return (
    <OperatorPage frame={frame} current={LISTS_PATH}>
      <PageHeader
        title={title}
        crumbs={LIST_CRUMBS}
        lede="All of it is checked before anything is stored, and the list before stays in force until the new one is whole."
      />
      {errors.length > 0 && (
        <Notice tone="bad" title="Nothing was stored">
          <ul class="stack-sm">
            {errors.map((error) => <li key={error} class="break">{error}</li>)}
          </ul>
          A file has to be chosen again.
        </Notice>
      )}
      {current !== null && (
        <Facts
          facts={[
            { term: "In force", value: `${formatUnits(current.count, locale)} entries` },
            { term: "Publisher’s date", value: current.asOf },
            { term: "Loaded", value: <DateTime atMs={current.loadedAtMs} /> },
          ]}
        />
      )}
      <Card>
        <Form action={LIST_FORM_PATH} multipart>
          <input type="hidden" name="loadId" value={draft.loadId} />
          <input type="hidden" name="version" value={draft.version} />
          <div class="fields">
            <TextField
              name="listId"
              label="List id"
              required
              readOnly={current !== null}
              maxLength={32}
              pattern="[0-9A-Za-z*@#._\-]+"
              value={draft.listId}
              hint="Such as ofac-sdn; it stands in every screening result."
              spellcheck={false}
            />
            <Select name="kind" label="Kind" value={draft.kind} options={KINDS} />
            <TextField
              name="asOf"
              label="Publisher’s date"
              type="date"
              value={draft.asOf}
              hint="May be empty for JSON that says as_of."
            />
          </div>
          <FileField
            name="file"
            label="File"
            accept=".csv,.json,text/csv,application/json"
            hint="CSV whose first row names its columns (id, name, aliases, isin, lei, country), or JSON as the operator API takes it. At most 16 MiB and 50,000 entries."
          />
          <TextArea
            name="text"
            label="Or paste it"
            rows={8}
            value={draft.text}
            placeholder="id,name,aliases,country"
          />
          {current !== null && (
            <Checkbox
              name="mayShrink"
              label="It may have fewer than half the entries of the one in force"
              hint="A list that shrinks so much is most often a broken download."
              checked={draft.mayShrink}
            />
          )}
          <div class="form-actions">
            <Button kind="primary">Check and load</Button>
          </div>
        </Form>
      </Card>
    </OperatorPage>
  );
}
