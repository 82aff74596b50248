/** The cells of every row, including empty rows: row numbers match the spreadsheet. */
export type Table = string[][]
