/** Rows as text that is pasted into a sheet: columns by tabs, and nothing in it that a sheet would obey. Pure. */

export interface SheetColumn<Row> {
  title: string;
  text(row: Row): string;
  number: boolean;
}

/** As `domain/spreadsheets.py` has it: how a text begins that gets an apostrophe in front. */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n']/;

export function sheetText<Row>(columns: SheetColumn<Row>[], rows: Row[]): string {
  const cells = (row: Row): string[] => columns.map((column) => (column.number ? column.text(row) : safe(column.text(row))));
  return [columns.map(({ title }) => safe(title)), ...rows.map(cells)].map((line) => line.map(inOneCell).join("\t")).join("\n");
}

function safe(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function inOneCell(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ");
}
