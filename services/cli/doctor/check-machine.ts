/** The machine: Node, memory, and a clock that is synchronized. */
import { execFile } from 'node:child_process'
import { totalmem } from 'node:os'
import { promisify } from 'node:util'
import { systemClock } from '../../../broker/contract/time.ts'
import { sqliteBinding } from '../../adapters/sqlite/find-damage.ts'
import { readVersion } from '../../config/version.ts'
import { fault, fine, warning, type Finding } from './finding.ts'

const NEEDED = [20, 19] as const
const ENOUGH_MB = 512
const ASK_WITHIN_MS = 3_000
// a board without a battery-backed clock starts in 1970, or at the day of its image
const EARLIEST_YEAR = 2026

/** The versions that run, and whether this Node is new enough. */
export function checkVersions(nodeVersion = process.versions.node): Finding {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
  const what = `Tilth ${readVersion()}, Node ${nodeVersion}, SQLite through ${sqliteBinding}`
  return isEnough
    ? fine('versions', what)
    : fault('versions', what, `install Node ${NEEDED.join('.')} or newer`)
}

/** The memory of the machine, or of the container that limits it. */
export function checkMemory(bytes = process.constrainedMemory() || totalmem()): Finding {
  // without a limit the number of a container is larger than any machine
  const megabytes = Math.floor(Math.min(bytes, totalmem()) / 1024 ** 2)
  return megabytes >= ENOUGH_MB
    ? fine('memory', `${megabytes} MB`)
    : warning(
        'memory',
        `${megabytes} MB, expected at least ${ENOUGH_MB}`,
        'give the machine or the container more memory',
      )
}

/** Whether the clock is plausible, and synchronized where the system can tell. */
export async function checkClock(
  nowMs = systemClock.now(),
  isSynchronized: () => Promise<boolean | null> = askSystem,
): Promise<Finding> {
  const time = new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ')
  if (new Date(nowMs).getUTCFullYear() < EARLIEST_YEAR)
    return fault('clock', `it shows ${time} UTC`, 'set the clock: every reading is stored under its time')
  const isRight = await isSynchronized()
  if (isRight === null)
    return fine('clock', `it shows ${time} UTC; whether it is synchronized is not known here`)
  return isRight
    ? fine('clock', `it shows ${time} UTC and is synchronized`)
    : warning(
        'clock',
        `it shows ${time} UTC and is not synchronized`,
        'turn time synchronization on (timedatectl set-ntp true): devices take their time from Tilth',
      )
}

/** null: no systemd, or no answer. */
async function askSystem(): Promise<boolean | null> {
  try {
    const { stdout } = await promisify(execFile)(
      'timedatectl',
      ['show', '--property=NTPSynchronized', '--value'],
      { timeout: ASK_WITHIN_MS },
    )
    const answer = stdout.trim()
    return answer === 'yes' ? true : answer === 'no' ? false : null
  } catch {
    return null
  }
}
