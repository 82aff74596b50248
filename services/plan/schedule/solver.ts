/** HiGHS, loaded once. Synchronous while it solves: only the schedule's worker thread uses it. */
import loadHighs, { type Highs } from 'highs'
import type { Linear } from './model.ts'

interface SolverResult {
  /** null: none was found in time */
  values: Float64Array | null
  objective: number
  isOptimal: boolean
}

export interface Solver {
  /** `start`: columns that are 1 in a known solution, all others 0; only for models with whole columns. */
  solve(model: Linear, options: { seconds: number; gap?: number; start?: readonly number[] }): SolverResult
}

const OPTIMAL = 7
// a limit of zero or less is rejected
const MIN_SECONDS = 0.01

/** Rejects when it cannot be loaded. `solve` blocks the thread for up to `seconds`. */
export async function loadSolver(): Promise<Solver> {
  const highs = await loadHighs()
  return { solve: (model, options) => solveWith(highs, model, options) }
}

function solveWith(
  highs: Highs,
  model: Linear,
  { seconds, gap = 0, start }: { seconds: number; gap?: number; start?: readonly number[] },
): SolverResult {
  if (model.numCols === 0) return { values: new Float64Array(0), objective: model.offset, isOptimal: true }
  const isWhole = model.integrality.some((kind) => kind !== 0)
  return highs.withModel((solver) => {
    solver.options.set({ output_flag: false, time_limit: Math.max(seconds, MIN_SECONDS), mip_rel_gap: gap })
    const { starts, indices, values, integrality, ...rest } = model
    const { numRows, numCols } = model
    solver.passModel({
      ...rest,
      matrix: { format: 'csr', numRows, numCols, starts, indices, values },
      ...(isWhole ? { integrality } : {}),
    })
    if (start) {
      const colValue = new Float64Array(numCols)
      for (const column of start) colValue[column] = 1
      solver.setSolution({ colValue })
    }
    const { modelStatus } = solver.run()
    const hasSolution = Number(solver.info.get('primal_solution_status')) === 2
    return {
      values: hasSolution ? solver.getSolution().colValue : null,
      objective: solver.getObjectiveValue(),
      isOptimal: modelStatus === OPTIMAL,
    }
  })
}
