/**
 * A linear model under construction: columns with costs and bounds, rows with bounds, and their coefficients.
 */

export interface Linear {
  numCols: number
  numRows: number
  colCost: Float64Array
  colLower: Float64Array
  colUpper: Float64Array
  rowLower: Float64Array
  rowUpper: Float64Array
  /** by rows */
  starts: Int32Array
  indices: Int32Array
  values: Float64Array
  /** 1: a whole number */
  integrality: Int32Array
  offset: number
}

interface Column {
  cost: number
  upper: number
  isWhole: boolean
}

/**
 * A minimum is sought. `column` returns the index for the terms of `row`; its lower bound is 0. `offset` is added to
 * the cost.
 */
export function linearModel() {
  const columns: Column[] = []
  const rows: { lower: number; upper: number; indices: number[]; values: number[] }[] = []
  return {
    column: (column: Column): number => columns.push(column) - 1,
    /** A row without columns has no effect and is left out. */
    row(terms: readonly (readonly [column: number, value: number])[], lower: number, upper: number): void {
      if (terms.length === 0) return
      const indices = terms.map(([column]) => column)
      rows.push({ lower, upper, indices, values: terms.map(([, value]) => value) })
    },
    done(offset = 0): Linear {
      const starts = new Int32Array(rows.length + 1)
      for (const [i, { indices }] of rows.entries()) starts[i + 1] = starts[i]! + indices.length
      return {
        numCols: columns.length,
        numRows: rows.length,
        colCost: Float64Array.from(columns, ({ cost }) => cost),
        colLower: new Float64Array(columns.length),
        colUpper: Float64Array.from(columns, ({ upper }) => upper),
        rowLower: Float64Array.from(rows, ({ lower }) => lower),
        rowUpper: Float64Array.from(rows, ({ upper }) => upper),
        starts,
        indices: Int32Array.from(rows.flatMap(({ indices }) => indices)),
        values: Float64Array.from(rows.flatMap(({ values }) => values)),
        integrality: Int32Array.from(columns, ({ isWhole }) => (isWhole ? 1 : 0)),
        offset,
      }
    },
  }
}
