/** CSV lines for spreadsheets: CRLF, and no cell that is executed as a formula. */
import Papa from 'papaparse'

/** The byte order mark, without which a spreadsheet misreads Japanese. */
export const CSV_BOM = '\ufeff'

// a cell that a spreadsheet would execute: also after blanks, and in full width (OWASP, CSV injection)
export const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/

// a spreadsheet with another separator, or one that ends lines within quotes, makes a cell of the rest
const INNER_FORMULA = /([;\t|\r\n]\s*)(?=[=+\-@＝＋－＠])/g

/**
 * With a final line end and without a byte order mark. Where a cell, or its rest after a separator of other spreadsheets,
 * could be a formula, an apostrophe precedes it.
 */
export const csvLines = (lines: unknown[][]): string =>
  Papa.unparse(
    lines.map((cells) => cells.map((cell) => (typeof cell === 'string' ? disarmed(cell) : cell))),
    { newline: '\r\n' },
  ) + '\r\n'

const disarmed = (text: string): string => escapeFormula(text).replace(INNER_FORMULA, "$1'")

/** Prefixes a text that a spreadsheet would run as a formula. */
export const escapeFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)
