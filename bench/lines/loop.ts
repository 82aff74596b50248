/**
 * Whole seasons in closed loop: a field whose soil and crop are independent of services/agronomy, irrigated by policies
 * with a farm's information. Prints a table per place; the lines compare Tilth with its promises.
 */
import { climates } from '../loop/climates.ts'
import { compareOn } from '../loop/compare.ts'
import { judge } from '../loop/judge.ts'
import { recordedClimates, recordNames } from '../loop/record.ts'
import { loopTable } from '../loop/table.ts'
import type { Bench } from '../support/bench.ts'
import type { Figure } from '../support/report.ts'

export async function loop(bench: Bench): Promise<Figure[]> {
  const { climates: names, seasons, seed, dataDir } = bench.loop
  if (dataDir === null && names?.some((name) => recordNames.includes(name)))
    throw new RangeError(`--data must name the folder of ${recordNames.join(' and ')}, got nothing`)
  const available = dataDir === null ? climates : [...climates, ...recordedClimates(dataDir)]
  const selectedClimates = names ? available.filter(({ name }) => names.includes(name)) : available
  const count = Math.max(1, Math.round(seasons * bench.scale))
  const comparisons = selectedClimates.map((climate) => {
    const comparison = compareOn(climate, count, seed, (text) => bench.log(text))
    bench.print(loopTable(comparison))
    return comparison
  })
  const [first, ...otherFigures] = judge(comparisons)
  return Promise.resolve([{ ...first!, details: comparisons }, ...otherFigures])
}
