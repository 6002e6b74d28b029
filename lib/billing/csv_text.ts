import Papa from "papaparse";

/** The package brings no types; this is the part of them that is used here. */
const unparse: (
  rows: (readonly string[])[],
  options: { readonly escapeFormulae: RegExp; readonly newline: string },
) => string = Papa.unparse;

/** Text that a spreadsheet would run as a formula; a negative number is none. */
const FORMULA = /^(?:[=+@\t\r]|-(?!\d+(?:\.\d+)?$))/;

/** Rows for spreadsheets and programs: RFC 4180, nothing that runs as a formula. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return `${unparse([...rows], { escapeFormulae: FORMULA, newline: "\r\n" })}\r\n`;
}
