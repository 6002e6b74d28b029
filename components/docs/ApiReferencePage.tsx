import { ButtonLink } from "../ui/Button.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { PublicShell } from "../ui/PublicShell.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Viewer } from "../ui/viewer.ts";

export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
  readonly fields: readonly SchemaField[];
}

export interface ReferenceOperation {
  readonly id: string;
  readonly verb: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly SchemaField[];
  readonly body: { readonly type: string; readonly fields: readonly SchemaField[] } | null;
  readonly answers: readonly { readonly status: string; readonly description: string }[];
}

export interface ApiReference {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly groups: readonly {
    readonly name: string;
    readonly operations: readonly ReferenceOperation[];
  }[];
}

export interface ApiReferenceModel {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly reference: ApiReference;
  readonly firstCall: string;
}

export function ApiReferencePage({ viewer, theme, reference, firstCall }: ApiReferenceModel) {
  return (
    <PublicShell viewer={viewer} theme={theme}>
      <div class="docs">
        <nav class="docs-nav stack" aria-label="API reference">
          {reference.groups.map((group) => (
            <div key={group.name}>
              <p class="strong">{group.name}</p>
              {group.operations.map((operation) => (
                <a key={operation.id} href={`#${operation.id}`}>{operation.summary}</a>
              ))}
            </div>
          ))}
          <a href="/docs/problems">Problems</a>
        </nav>
        <div class="stack-lg">
          <header class="page-header">
            <div class="row-between">
              <h1>{reference.title}</h1>
              <ButtonLink href="/openapi.json" icon="download" size="sm">openapi.json</ButtonLink>
            </div>
            <p>{reference.description}</p>
          </header>
          <CodeBlock title="A first call" code={firstCall} />
          {reference.groups.map((group) => (
            <section key={group.name} class="stack" aria-label={group.name}>
              <h2>{group.name}</h2>
              {group.operations.map((operation) => (
                <Operation key={operation.id} operation={operation} />
              ))}
            </section>
          ))}
        </div>
      </div>
    </PublicShell>
  );
}

function Operation({ operation }: { operation: ReferenceOperation }) {
  return (
    <article class="operation" id={operation.id}>
      <h3>{operation.summary}</h3>
      <p class="row">
        <span class="verb" data-verb={operation.verb}>{operation.verb.toUpperCase()}</span>
        <code class="break">{operation.path}</code>
      </p>
      {operation.description !== "" && (
        <p>
          <Marked text={operation.description} />
        </p>
      )}
      <Fields caption="Parameters" fields={operation.parameters} />
      {operation.body !== null && (
        <Fields caption={`Body, ${operation.body.type}`} fields={operation.body.fields} />
      )}
      <Table
        caption="Answers"
        captionVisible
        rows={operation.answers}
        rowKey={(row) => row.status}
        empty={null}
        columns={[
          {
            key: "status",
            label: "Status",
            header: true,
            cell: (row) => <code>{row.status}</code>,
          },
          { key: "text", label: "Meaning", cell: (row) => <Marked text={row.description} /> },
        ]}
      />
    </article>
  );
}

function Fields({ caption, fields }: { caption: string; fields: readonly SchemaField[] }) {
  if (fields.length === 0) return null;
  const rows = flatten(fields, "");
  const meaning: Column<SchemaField> = {
    key: "text",
    label: "Meaning",
    cell: (row) => <Marked text={row.description} />,
  };
  return (
    <Table
      caption={caption}
      captionVisible
      rows={rows}
      rowKey={(row) => row.name}
      empty={null}
      columns={[
        {
          key: "name",
          label: "Name",
          header: true,
          cell: (row) => (
            <>
              <code class="break">{row.name}</code>
              {row.required && <div class="muted small">required</div>}
            </>
          ),
        },
        { key: "type", label: "Type", cell: (row) => <span class="break">{row.type}</span> },
        ...(rows.some(({ description }) => description !== "") ? [meaning] : []),
      ]}
    />
  );
}

/** Words between backticks are code. */
function Marked({ text }: { text: string }) {
  const parts = text.split("`");
  return <>{parts.map((part, at) => at % 2 === 1 ? <code key={at}>{part}</code> : part)}</>;
}

/** Nested fields by their whole path, `quote.bid`. */
function flatten(fields: readonly SchemaField[], prefix: string): readonly SchemaField[] {
  return fields.flatMap((field) => {
    const name = `${prefix}${field.name}`;
    return [{ ...field, name }, ...flatten(field.fields, `${name}.`)];
  });
}
