/** CSV lines for spreadsheets: CRLF, and no cell that is executed as a formula. */
import Papa from 'papaparse'

/** The byte order mark, without which a spreadsheet misreads Japanese. */
export const CSV_BOM = '\ufeff'

// a cell that a spreadsheet would execute: also after blanks, and in full width (OWASP, CSV injection)
export const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/

/** With a final line end and without a byte order mark. A cell that could be a formula begins with an apostrophe. */
export const csvLines = (lines: unknown[][]): string =>
  Papa.unparse(lines, { escapeFormulae: FORMULA, newline: '\r\n' }) + '\r\n'

/** Prefixes a text that a spreadsheet would run as a formula. */
export const escapeFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)
