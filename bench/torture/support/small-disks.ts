/** A Tilth whose databases are on small disks that another program can fill: all on one, or each on its own. */
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openSqlite } from '../../../services/adapters/sqlite/open.ts'
import { mountTmpfs, type Tmpfs } from '../../../test/support/tmpfs.ts'
import { provision } from '../../support/place.ts'
import type { Publisher } from '../../support/generator.ts'
import type { Torture } from './fault-line.ts'
import { provisionValves, type ValvePlace } from './valve-place.ts'

export type DatabasePart = 'journal' | 'series' | 'audit'

export interface SmallDisks {
  dataDir: string
  /** settings with the database paths */
  env: { SERIES: string; STATE: string }
  /** the disk of each part; the same one when they share it */
  diskOf: Record<DatabasePart, Tmpfs>
  publishers: Publisher[]
  place: ValvePlace
}

// a twentieth of it is the reserve
const DISK_BYTES = 128 * 1024 * 1024

/** Throws without permission to mount a tmpfs. */
export async function openSmallDisks(
  torture: Torture,
  { isShared, publishers: devices, valves }: { isShared: boolean; publishers: number; valves: number },
): Promise<SmallDisks> {
  const mount = (): Tmpfs => {
    const disk = mountTmpfs(DISK_BYTES)
    if (disk === null) throw new Error('a tmpfs must be mounted for this line: run it as root')
    torture.onEnd(async () => disk.unmount())
    return disk
  }
  const firstDisk = mount()
  const diskOf = isShared
    ? { journal: firstDisk, series: firstDisk, audit: firstDisk }
    : { journal: firstDisk, series: mount(), audit: mount() }
  const dataDir = join(firstDisk.folder, 'data')
  const [seriesPath, statePath] = isShared
    ? [join(dataDir, 'series.db'), join(dataDir, 'state.db')]
    : [join(diskOf.series.folder, 'series.db'), join(diskOf.audit.folder, 'state.db')]
  // created elsewhere: @photostructure/sqlite releases a file late, which would free space on a full disk
  const madeIn = await torture.folder('made')
  const publishers = await provision(madeIn, { fields: 4, devices, everyS: 60, plantedDaysAgo: 1 })
  const place = await provisionValves(madeIn, { controllers: 1, valvesEach: valves })
  await mkdir(dataDir)
  const isState = (name: string) => name.startsWith('state.db')
  for (const name of (await readdir(madeIn)).filter((name) => !isState(name)))
    await cp(join(madeIn, name), join(dataDir, name), { recursive: true })
  copyDatabase(join(madeIn, 'state.db'), statePath)
  return {
    dataDir,
    diskOf,
    publishers,
    place,
    env: { SERIES: `sqlite:${seriesPath}`, STATE: `sqlite:${statePath}` },
  }
}

/** A snapshot, even while it is open elsewhere. */
function copyDatabase(from: string, to: string): void {
  const db = openSqlite(from)
  try {
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
}
