import { FORMULA } from '../runtime/csv.ts'

/** A text as it may stand in a cell: what a spreadsheet would run begins with a mark that makes it a text. */
export const disarmed = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)
