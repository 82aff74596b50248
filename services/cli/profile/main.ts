/**
 * `npm run profile`: what the device profiles make of a message, and the check of a folder of vectors. Exit 1 when a
 * vector differs.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../broker/contract/time.ts'
import { quantityOf } from '../../../broker/contract/quantities.ts'
import type { ForeignValue } from '../../integrations/foreign-message.ts'
import { readProfileFolders, shippedProfiles } from '../../integrations/profiles/profile-files.ts'
import { profileId, type Profile } from '../../integrations/profiles/read-profile.ts'
import { differences } from './compare.ts'
import { decodeFile, type DecodedFile } from './decode-file.ts'
import { readMessageFile } from './message-file.ts'

const USAGE = `usage: npm run profile -- try MESSAGE.json [--profile NAME]   what the profiles make of a message
       npm run profile -- --vectors DIR [--json]              compares every vector of a folder
       npm run profile -- list                                every profile

A message file has topic, payload, and if you like receivedAt, integration, profile, assignment (docs/device-profiles.md).
DATA_DIR/profiles comes before the profiles that Tilth ships.
`

/** `print` takes whole lines; resolves with the exit code. */
export function runProfile(args: readonly string[], print: (line: string) => void): number {
  const own = join(process.env.DATA_DIR ?? 'data', 'profiles')
  const { profiles, faults } = readProfileFolders([shippedProfiles, own])
  for (const { file, reason } of faults) print(`${file}: ${reason}`)
  const [command, path, option, name, ...extra] = args
  if (command === 'list' && path === undefined) {
    for (const profile of profiles.values()) print(`${profileId(profile).padEnd(36)} ${profile.title}`)
    return faults.length > 0 ? 1 : 0
  }
  if (command === '--vectors' && path !== undefined && (option === undefined || option === '--json'))
    return existsSync(path)
      ? checkVectors(path, profiles, option === '--json', print)
      : fail(print, `--vectors: there is no folder ${path}`)
  const isTry = command === 'try' && path !== undefined && extra.length === 0
  if (!isTry || (option !== undefined && (option !== '--profile' || name === undefined)))
    return fail(print, USAGE)
  return tryMessage(path, name ?? null, profiles, print)
}

function tryMessage(
  path: string,
  name: string | null,
  profiles: ReadonlyMap<string, Profile>,
  print: (line: string) => void,
): number {
  if (!existsSync(path)) return fail(print, `there is no file ${path}`)
  const file = readMessageFile(path)
  if (!file.ok) return fail(print, `${path}: ${file.error}`)
  const chosen = name ?? file.value.profile ?? null
  const profile = chosen === null ? null : profiles.get(chosen)
  if (profile === undefined) return fail(print, `there is no profile ${chosen}; see npm run profile -- list`)
  const now = systemClock.now()
  const first = decodeFile(file.value, profile, profiles.values(), now)
  printResult(first, profile, print)
  if (profile !== null || first.decoded.kind !== 'heard') return first.decoded.kind === 'letter' ? 1 : 0
  for (const fitting of first.suggested) {
    print('')
    printResult(decodeFile(file.value, fitting, profiles.values(), now), fitting, print)
  }
  return 0
}

function printResult(
  { decoded, suggested }: DecodedFile,
  profile: Profile | null,
  print: (line: string) => void,
): void {
  if (profile !== null) print(`profile   ${profileId(profile)}, ${profile.title}`)
  if (decoded.kind === 'nothing') return print('no message of a device')
  if (decoded.kind === 'letter') return print(`cannot be read: ${decoded.reason}`)
  const { envelope } = decoded
  if (profile === null) {
    print(`address   ${envelope.address}`)
    print(`time      ${new Date(envelope.atMs).toISOString()} (${envelope.timeFrom})`)
    print(`key       ${envelope.dedupeKey}`)
    print(`model     ${envelope.hints.model ?? 'not said'}`)
    print(`fits      ${suggested.map(profileId).join(', ') || 'no profile'}`)
  }
  if (decoded.kind === 'heard') return
  const { reading } = decoded
  for (const value of reading.values) print(`value     ${valueText(value)}`)
  for (const { value, unit, of } of reading.batteries)
    print(`battery   ${value} ${unit}${of === null ? '' : ` (${of})`}`)
  for (const { valve, position, isCurrent } of reading.valves)
    print(`valve     ${valve} ${position}${isCurrent ? '' : ' (in the past)'}`)
  for (const { valve, ranMs, litres } of reading.runs)
    print(`run       ${valve} ${ranMs / 1000} s${litres === null ? '' : `, ${litres} L`}`)
  for (const alarm of reading.alarms) print(`alarm     ${alarm}`)
  if (reading.ignored.length > 0) print(`not used  ${reading.ignored.join(', ')}`)
}

function valueText({ quantity, depthCm, value, atMs }: ForeignValue): string {
  const amount =
    value === null ? 'no value' : `${Number(value.toPrecision(6))} ${quantityOf(quantity)?.unit ?? ''}`
  const depth = depthCm === null ? '' : ` at ${depthCm} cm`
  return `${quantity}${depth}: ${amount}${atMs === null ? '' : ` of ${new Date(atMs).toISOString()}`}`
}

function checkVectors(
  folder: string,
  profiles: ReadonlyMap<string, Profile>,
  isJson: boolean,
  print: (line: string) => void,
): number {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      line: name.slice(0, -'.json'.length),
      differences: vectorDifferences(join(folder, name), profiles),
    }))
  const passed = lines.filter((line) => line.differences.length === 0).length
  const pass = passed === lines.length && lines.length > 0
  if (isJson) print(JSON.stringify({ pass, passed, vectors: lines.length, lines }, null, 2))
  else {
    for (const { line, differences: found } of lines) {
      print(`${line.padEnd(40)} ${found.length === 0 ? 'pass' : 'FAIL'}`)
      for (const text of found) print(`    ${text}`)
    }
    print(`${passed} of ${lines.length} vectors, target all: ${pass ? 'pass' : 'FAIL'}`)
  }
  return pass ? 0 : 1
}

function vectorDifferences(path: string, profiles: ReadonlyMap<string, Profile>): string[] {
  const file = readMessageFile(path)
  if (!file.ok) return [file.error]
  if (file.value.expect === undefined) return ['expect: expected what must come of the message, got nothing']
  const { profile: name = null } = file.value
  // events of the network server itself name it in place of a profile, and so need none
  const profile = name === null ? null : (profiles.get(name) ?? profiles.get('tts-normalized'))
  if (profile === undefined) return [`there is no profile ${name}`]
  const { decoded, suggested } = decodeFile(file.value, profile, profiles.values(), 0)
  return differences(decoded, file.value.expect, suggested[0]?.name ?? null, file.value.state ?? {})
}

function fail(print: (line: string) => void, text: string): number {
  print(text.trimEnd())
  return 2
}
