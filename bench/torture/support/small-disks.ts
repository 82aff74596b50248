/** A Tilth whose databases lie on small disks that another program can fill: all on one, or each on its own. */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mountTmpfs, type Tmpfs } from '../../../test/support/tmpfs.ts'
import { provision } from '../../support/place.ts'
import type { Publisher } from '../../support/generator.ts'
import type { Torture } from './fault-line.ts'
import { provisionValves, type ValvePlace } from './valve-place.ts'

export type Part = 'journal' | 'series' | 'audit'

export interface SmallDisks {
  dataDir: string
  /** settings that say where the databases are */
  env: { SERIES: string; STATE: string }
  /** where each part lies; the same one three times when they share it */
  diskOf: Record<Part, Tmpfs>
  publishers: Publisher[]
  place: ValvePlace
}

// a twentieth of it is the reserve
const DISK_BYTES = 128 * 1024 * 1024

/** Throws where nobody may mount a tmpfs. */
export async function openSmallDisks(
  torture: Torture,
  { isShared, publishers: devices, valves }: { isShared: boolean; publishers: number; valves: number },
): Promise<SmallDisks> {
  const mount = (): Tmpfs => {
    const disk = mountTmpfs(DISK_BYTES)
    if (disk === null) throw new Error('a tmpfs must be mounted for this line: run it as root')
    torture.atEnd(async () => disk.unmount())
    return disk
  }
  const own = mount()
  const diskOf = isShared
    ? { journal: own, series: own, audit: own }
    : { journal: own, series: mount(), audit: mount() }
  const dataDir = join(own.folder, 'data')
  await mkdir(dataDir)
  const publishers = await provision(dataDir, { fields: 4, devices, everyS: 60, plantedDaysAgo: 1 })
  const place = await provisionValves(dataDir, { controllers: 1, valvesEach: valves })
  const [seriesPath, statePath] = isShared
    ? [join(dataDir, 'series.db'), join(dataDir, 'state.db')]
    : [join(diskOf.series.folder, 'series.db'), join(diskOf.audit.folder, 'state.db')]
  if (!isShared) {
    // nobody writes any more, but what was written may still stand in the write-ahead log
    for (const end of ['', '-wal']) {
      const from = join(dataDir, `state.db${end}`)
      if (!existsSync(from)) continue
      await copyFile(from, `${statePath}${end}`)
      await rm(from)
    }
  }
  return {
    ...{ dataDir, diskOf, publishers, place },
    env: { SERIES: `sqlite:${seriesPath}`, STATE: `sqlite:${statePath}` },
  }
}
