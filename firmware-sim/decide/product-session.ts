/**
 * A session of `npm run decide -- --product`: the lines of the decision model, answered by the running product. The farm
 * stays for the next season of the same field; a line for another field, or for an earlier year, starts another farm.
 */
import { dayGap } from '../../services/plan/decide/day-order.ts'
import { farmEntry, type FarmEntry } from '../../services/plan/decide/farm-entry.ts'
import type { DayLine, SetupLine } from '../../services/plan/decide/json-lines.ts'
import { numberedLines } from '../../services/plan/decide/numbered-lines.ts'
import { scratchDir } from '../demo/scratch-dir.ts'
import type { ProductKey } from './message-keys.ts'
import { startProductSeason, type ProductFarm, type ProductSeason } from './product-season.ts'

export interface ProductSession {
  /** Processes one line; null for a blank line, which has no response. One line at a time. */
  respond(text: string): Promise<string | null>
  /** Stops the farm and removes its folder. */
  stop(): Promise<void>
}

/** `openFolder`: creates the folder of a farm. */
export function productSession(openFolder = () => scratchDir('decide')): ProductSession {
  const { read, errorLine } = numberedLines()
  let farm: { site: string; kept: ProductFarm; remove(): void } | null = null
  let setup: { line: SetupLine; entry: FarmEntry; lastDay: string | null } | null = null
  let season: ProductSeason | null = null

  async function endSeason(): Promise<void> {
    await season?.stop()
    season = null
  }

  async function endFarm(): Promise<void> {
    await endSeason()
    farm?.remove()
    farm = null
  }

  async function begin(line: SetupLine, entry: FarmEntry): Promise<string> {
    await endSeason()
    const site = fieldKey(line)
    if (farm !== null && farm.site !== site) await endFarm()
    setup = { line, entry, lastDay: null }
    return JSON.stringify({ type: 'ready', crop: entry.crop.id, notes: notesOf(line, entry, farm !== null) })
  }

  async function play(line: DayLine): Promise<string> {
    if (setup === null) return errorLine('a setup line was expected before the first day')
    const gap = dayGap(setup.lastDay, line.day)
    if (!gap.ok) return errorLine(gap.error)
    if (season === null) {
      // a clock does not go back
      if (farm?.kept.lastDay != null && line.day <= farm.kept.lastDay) await endFarm()
      if (farm === null) {
        const folder = openFolder()
        farm = {
          site: fieldKey(setup.line),
          kept: { dir: folder.path, devices: null, lastDay: null, rainTotalMm: 0 },
          remove: () => folder.remove(),
        }
      }
      season = await startProductSeason(farm.kept, setup.line, setup.entry, line.day)
    }
    const decision = await season.playDay(line)
    setup.lastDay = line.day
    return JSON.stringify(decision)
  }

  return {
    async respond(text) {
      const line = read(text)
      if (line === null) return null
      if (!line.ok) return errorLine(line.error)
      if (line.value.type === 'day') return play(line.value)
      const entry = farmEntry(line.value)
      return entry.ok ? begin(line.value, entry.value) : errorLine(entry.error)
    },
    stop: endFarm,
  }
}

/** The field whose farm goes on: the same place, soil and probes. */
const fieldKey = ({ site, field: { soil, areaM2 }, sensors }: SetupLine): string =>
  JSON.stringify([
    [site.latDeg, site.lonDeg ?? null, site.elevM ?? null, site.timeZone ?? null],
    [areaM2 ?? null, soil.texture ?? null, soil.depthM ?? null],
    (soil.layers ?? []).map(({ toM, fieldCapacity, wiltingPoint }) => [toM, fieldCapacity, wiltingPoint]),
    (sensors ?? []).map(({ id, depthM }) => [id, depthM]),
  ])

function notesOf({ history, economics }: SetupLine, { crop }: FarmEntry, isSameFarm: boolean): ProductKey[] {
  const notes: [ProductKey, boolean][] = [
    ['crop-generic', !crop.isKnown],
    ['no-history', !history?.length],
    ['no-economics', economics == null],
    ['same-farm', isSameFarm],
  ]
  return notes.flatMap(([key, isNoted]) => (isNoted ? [key] : []))
}
