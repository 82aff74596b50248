/** Cells of every row, empty rows among them: a person finds a row by its number. */
export type Table = string[][]
