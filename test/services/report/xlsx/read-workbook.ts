/** Reads a workbook back, as a spreadsheet does. */
import readSheet from 'read-excel-file/node'

/** The rows of each sheet by its name. */
export async function sheets(bytes: Uint8Array): Promise<Map<string, unknown[][]>> {
  const result = (await readSheet(Buffer.from(bytes))) as unknown as { sheet: string; data: unknown[][] }[]
  return new Map(result.map(({ sheet, data }) => [sheet, data]))
}
const TOTALS = new Set(['All', '全体', 'Total of the known values', 'わかる値の合計'])
/** Rows below the heads, which stand in the first row that begins with `Member code`. */
export function table(rows: unknown[][], first = 'Member code'): Record<string, unknown>[] {
  const at = rows.findIndex(([cell]) => cell === first)
  const heads = rows[at]!.map(String)
  return rows
    .slice(at + 1)
    .filter(([cell]) => !TOTALS.has(String(cell)))
    .map((row) => Object.fromEntries(heads.map((head, i) => [head, row[i]])))
}
