/** Lines of a CSV that every spreadsheet reads: CRLF, and no cell that it would run. */
import Papa from 'papaparse'

/** What a file begins with, or a spreadsheet would misread Japanese. */
export const CSV_BOM = '\ufeff'

// a cell that a spreadsheet would run: also after blanks, and in full width (OWASP, CSV injection)
export const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/

export const csvLines = (lines: unknown[][]): string =>
  Papa.unparse(lines, { escapeFormulae: FORMULA, newline: '\r\n' }) + '\r\n'

/** Prefixes a text that a spreadsheet would run as a formula. */
export const escapeFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)
