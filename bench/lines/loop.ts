/**
 * Whole seasons in closed loop: a field whose soil and crop are independent of services/agronomy, irrigated by policies
 * with a farm's information. Prints a table per place and seed; the lines compare Tilth with its promises. Three parts: the
 * crop of the tables, a crop that stands in no table, and faults of the equipment.
 */
import { setImmediate } from 'node:timers/promises'
import { climates, type Climate } from '../loop/climates.ts'
import { compareFault, compareOn } from '../loop/compare.ts'
import { otherCrop } from '../loop/crops.ts'
import { faults } from '../loop/imperfect.ts'
import { judge, judgeFault, judgeOtherCrop } from '../loop/judge.ts'
import { recordedClimates, recordNames } from '../loop/record.ts'
import { modelLines, productLines } from '../loop/product-lines.ts'
import { loopTable } from '../loop/table.ts'
import type { Bench } from '../support/bench.ts'
import type { Figure } from '../support/report.ts'

/** Of the seasons: a fault is compared with the same season without it, which takes fewer of them. */
const FAULT_SHARE = 0.4

export async function loop(bench: Bench): Promise<Figure[]> {
  const { climates: names, seasons, seed, seeds: seedCount, dataDir, isProduct } = bench.loop
  const openLines = isProduct ? productLines : modelLines
  if (dataDir === null && names?.some((name) => recordNames.includes(name)))
    throw new RangeError(`--data must name the folder of ${recordNames.join(' and ')}, got nothing`)
  const available = dataDir === null ? climates : [...climates, ...recordedClimates(dataDir)]
  const places = names ? available.filter(({ name }) => names.includes(name)) : available
  const count = Math.max(1, Math.round(seasons * bench.scale))
  const faultCount = Math.max(1, Math.round(FAULT_SHARE * count))
  const seeds = Array.from({ length: seedCount }, (_, i) => (seedCount === 1 ? seed : `${seed}-${i + 1}`))
  async function compare(place: Climate) {
    const comparisons = []
    for (const seed of seeds) {
      await setImmediate() // an interrupt ends it here
      const comparison = compareOn(place, count, seed, (text) => bench.log(text), openLines)
      bench.print(loopTable(comparison))
      comparisons.push(comparison)
    }
    return comparisons
  }
  const figures: Figure[] = []
  for (const place of places) {
    const comparisons = await compare(place)
    const others = await compare({ ...place, name: `${place.name}, other crop`, crop: otherCrop(place.crop) })
    const [first, ...rest] = judge(comparisons)
    figures.push({ ...first!, details: [...comparisons, ...others] }, ...rest, ...judgeOtherCrop(others))
    for (const fault of faults) {
      await setImmediate()
      bench.log(`loop: ${place.name}, ${fault}`)
      figures.push(
        ...judgeFault(seeds.map((seed) => compareFault(place, faultCount, seed, fault, openLines))),
      )
    }
  }
  return figures
}
