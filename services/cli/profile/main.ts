/**
 * `npm run profile`: what the device profiles make of a message, and the check of a folder of vectors. Exit 1 when a
 * vector differs.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../broker/contract/time.ts'
import { quantityOf } from '../../../broker/contract/quantities.ts'
import type { ForeignValue } from '../../integrations/foreign-message.ts'
import { readProfileFolders, shippedProfiles } from '../../integrations/profiles/profile-files.ts'
import { profileId, type Profile } from '../../integrations/profiles/read-profile.ts'
import { checkVectors, type VectorResult } from './check-vectors.ts'
import { decodeFile, type DecodedFile } from './decode-file.ts'
import { readMessageFile } from './message-file.ts'

const USAGE = `usage: npm run profile -- try MESSAGE.json [--profile NAME]   what the profiles make of a message
       npm run profile -- --vectors DIR [--json]              sends every vector of a folder through a farm
       npm run profile -- list                                every profile

A message file has topic, payload, and if you like receivedAt, integration, profile, assignment (docs/device-profiles.md).
DATA_DIR/profiles comes before the profiles that Tilth ships.
`

/** `print` takes whole lines; resolves with the exit code. */
export async function runProfile(args: readonly string[], print: (line: string) => void): Promise<number> {
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
      ? printVectors(path, profiles, option === '--json', print)
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
  if (profile !== null || first.decoded.kind !== 'unassigned')
    return first.decoded.kind === 'unreadable' ? 1 : 0
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
  if (decoded.kind === 'unreadable') return print(`cannot be read: ${decoded.reason}`)
  const { envelope } = decoded
  if (profile === null) {
    print(`address   ${envelope.address}`)
    print(`time      ${new Date(envelope.atMs).toISOString()} (${envelope.timeFrom})`)
    print(`key       ${envelope.dedupeKey}`)
    print(`model     ${envelope.hints.model ?? 'not said'}`)
    print(`fits      ${suggested.map(profileId).join(', ') || 'no profile'}`)
  }
  if (decoded.kind === 'unassigned') return
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

async function printVectors(
  folder: string,
  profiles: ReadonlyMap<string, Profile>,
  isJson: boolean,
  print: (line: string) => void,
): Promise<number> {
  const { vectors, changedByRepeat, orders } = await checkVectors(folder, profiles)
  const figures = [
    {
      figure: 'vectors that are decoded and stored as expected',
      value: vectors.filter((vector) => vector.differences.length === 0).length,
      target: vectors.length,
    },
    {
      figure: 'vectors stored once when they are sent twice',
      value: vectors.length - changedByRepeat.length,
      target: vectors.length,
    },
    {
      figure: 'orders of all messages that store the same',
      value: orders.filter(({ changed }) => changed.length === 0).length,
      target: orders.length,
    },
  ].map((figure) => ({ ...figure, pass: figure.value === figure.target && figure.target > 0 }))
  const pass = figures.every((figure) => figure.pass)
  if (isJson) print(JSON.stringify({ pass, figures, vectors, changedByRepeat, orders }, null, 2))
  else {
    for (const vector of vectors) printVector(vector, print)
    for (const id of changedByRepeat) print(`${id}: sent twice, it is stored twice`)
    for (const { seed, changed } of orders)
      for (const id of changed) print(`${id}: in the order of seed ${seed} another result is stored`)
    for (const { figure, value, target, pass: isMet } of figures)
      print(`${figure.padEnd(50)} ${value} of ${target}  ${isMet ? 'pass' : 'FAIL'}`)
  }
  return pass ? 0 : 1
}

function printVector(
  { line, stored, decoded, differences }: VectorResult,
  print: (line: string) => void,
): void {
  const only = decoded.length === 0 ? '' : `; only decoded: ${decoded.join(', ')}`
  const result = differences.length === 0 ? 'pass' : 'FAIL'
  print(`${line.padEnd(36)} ${result}  stored: ${stored.join(', ')}${only}`)
  for (const text of differences) print(`    ${text}`)
}

function fail(print: (line: string) => void, text: string): number {
  print(text.trimEnd())
  return 2
}
