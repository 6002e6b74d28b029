import type { ComponentChildren } from "preact";

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Figures align at the end. */
  readonly end?: boolean;
  /** Names its row. */
  readonly header?: boolean;
  /** Controls: the label is heard, not seen. */
  readonly actions?: boolean;
  readonly foot?: ComponentChildren;
  readonly sort?: { readonly href: string; readonly direction: "ascending" | "descending" | null };
}

export interface TableProps<Row> {
  /** Says what the table holds; read out before it. */
  readonly caption: string;
  readonly captionVisible?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly empty: ComponentChildren;
  /** Rows become small cards where the table has no room. */
  readonly cards?: boolean;
  readonly foot?: boolean;
}

export function Table<Row>(props: TableProps<Row>) {
  if (props.rows.length === 0) return <>{props.empty}</>;
  const { columns, cards = true } = props;
  return (
    <div class="table-wrap" tabIndex={0} role="group" aria-label={props.caption}>
      <table class={cards ? "table table-cards" : "table"}>
        <caption class={props.captionVisible === true ? "" : "sr-only"}>{props.caption}</caption>
        <thead>
          <tr>{columns.map((column) => <Heading key={column.key} column={column} />)}</tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {columns.map((column) => <Cell key={column.key} column={column} row={row} />)}
            </tr>
          ))}
        </tbody>
        {props.foot === true && (
          <tfoot>
            <tr>
              {columns.map((column, at) =>
                at === 0
                  ? <th key={column.key} scope="row" data-label="">{column.foot}</th>
                  : (
                    <td key={column.key} class={classOf(column)} data-label={column.label}>
                      {column.foot}
                    </td>
                  )
              )}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

function Heading<Row>({ column }: { column: Column<Row> }) {
  const { sort } = column;
  if (column.actions === true) {
    return (
      <th scope="col">
        <span class="sr-only">{column.label}</span>
      </th>
    );
  }
  return (
    <th scope="col" class={classOf(column)} aria-sort={sort?.direction ?? undefined}>
      {sort === undefined ? column.label : (
        <a href={sort.href}>
          {column.label}
          <span aria-hidden="true">{sortSign(sort.direction)}</span>
        </a>
      )}
    </th>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const label = column.actions === true ? "" : column.label;
  if (column.header === true) {
    return (
      <th scope="row" class={classOf(column)} data-label={label}>
        <div>{column.cell(row)}</div>
      </th>
    );
  }
  return (
    <td class={classOf(column)} data-label={label}>
      <div>{column.cell(row)}</div>
    </td>
  );
}

function classOf<Row>({ end, actions }: Column<Row>): string | undefined {
  if (actions === true) return "actions";
  return end === true ? "end" : undefined;
}

function sortSign(direction: "ascending" | "descending" | null): string {
  if (direction === null) return "";
  return direction === "ascending" ? " ↑" : " ↓";
}
