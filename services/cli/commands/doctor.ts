/** `tilth doctor`: what keeps Tilth from running well on this machine, and what to do about it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok } from '../../../broker/contract/result.ts'
import { LOCK_FILE, lockDataDir } from '../../adapters/sqlite/data-dir-lock.ts'
import { fail, isTilthError } from '../../errors.ts'
import type { Settings } from '../../config/settings.ts'
import { checkCertificates, checkDisk, checkFolder, checkModes, checkStores } from '../doctor/check-files.ts'
import { checkClock, checkMemory, checkVersions } from '../doctor/check-machine.ts'
import { checkPorts } from '../doctor/check-ports.ts'
import { checkRunning, checkServers } from '../doctor/check-servers.ts'
import type { Finding } from '../doctor/finding.ts'
import type { Command } from './command.ts'

export const doctorUsage = `  doctor [--json]                 checks versions, clock, memory, disk, files, ports and the servers of the settings, and
                                  says what to do; changes nothing; exit code 1 when something keeps Tilth from running
`

export const doctorCommand: Command = async ([flag, ...extra], { settings, print }) => {
  if ((flag !== undefined && flag !== '--json') || extra.length > 0)
    return err(`doctor: expected nothing or --json, got ${[flag, ...extra].join(' ')}`)
  const findings = await examine(settings)
  if (flag === '--json') print(JSON.stringify(findings, null, 2))
  else for (const finding of findings) printFinding(finding, print)
  const faults = findings.filter(({ state }) => state === 'fault').length
  if (faults > 0) fail('INVALID_CONFIG', `doctor: ${faults === 1 ? '1 fault' : `${faults} faults`}`)
  return ok(null)
}

async function examine(settings: Settings): Promise<Finding[]> {
  const folder = checkFolder(settings)
  const isRunning = folder.state === 'ok' && isLocked(settings.dataDir)
  return [
    checkVersions(),
    await checkClock(),
    checkMemory(),
    folder,
    checkDisk(settings),
    checkModes(settings),
    ...(isRunning || folder.state !== 'ok' ? [] : checkStores(settings)),
    ...(await checkPorts(settings, isRunning)),
    ...checkCertificates(settings),
    ...(await checkServers(settings)),
    ...(isRunning ? [await checkRunning(settings)] : []),
  ]
}

/** Whether a Tilth runs on the folder. Without the file of the lock none has run, and none is made. */
function isLocked(dataDir: string): boolean {
  if (!existsSync(join(dataDir, LOCK_FILE))) return false
  try {
    lockDataDir(dataDir).release()
    return false
  } catch (error) {
    if (isTilthError(error, 'CONFLICT')) return true
    throw error
  }
}

const MARKS = { ok: 'ok     ', warning: 'WARNING', fault: 'FAULT  ' } as const

function printFinding({ subject, state, what, todo }: Finding, print: (line: string) => void): void {
  print(`${MARKS[state]}  ${subject}: ${what}`)
  if (todo !== undefined) print(`         ${todo}`)
}
