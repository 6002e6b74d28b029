import Papa from "papaparse";

export type CsvCell = string | number | bigint | null;

/**
 * RFC 4180 with CRLF. Cells that a spreadsheet would run as a formula are kept as text, so that a
 * key named `=cmd()` stays a name.
 */
export function csvText(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell === null ? "" : String(cell)));
  return `${
    Papa.unparse([[...header], ...cells], { newline: "\r\n", escapeFormulae: /^[=+\-@\t\r]/ })
  }\r\n`;
}
