/** From the text of a profile file to a profile that can be applied; every error names the field. */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { jsonParser } from '../../../broker/contract/json.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { parseFieldPath, type FieldPath } from './field-path.ts'
import { ProfileFile } from './profile-schema.ts'
import { converterTo } from './units.ts'

type Entry<K extends 'readings' | 'valves' | 'runs' | 'alarms' | 'batteries'> = NonNullable<
  ProfileFile[K]
>[number]

/** The first path that a message has counts. */
export type Paths = readonly { text: string; path: FieldPath }[]

export interface ReadingRule extends Omit<Entry<'readings'>, 'path' | 'repeat' | 'nothing' | 'absent'> {
  paths: Paths
  /** values with which the sensor states that it has none */
  nothing: ReadonlySet<unknown>
  /** values that mean that no sensor is there */
  absent: ReadonlySet<unknown>
}
export interface ValveRule extends Omit<Entry<'valves'>, 'path' | 'repeat' | 'optimisticWith'> {
  paths: Paths
  optimisticWith: FieldPath | null
}
export interface RunRule {
  valve: string
  duration: { paths: Paths; unit: 's' | 'min' | 'hh:mm:ss' }
  litres: { paths: Paths; unit: 'L' | 'm3' } | null
}

/** A profile with its paths parsed and its repetitions written out. */
export interface Profile {
  name: string
  version: number
  title: string
  kind: ProfileFile['kind']
  everyS: number
  match: {
    chirpstack: RegExp | null
    thingsStack: { brand: string | null; model: RegExp } | null
    zigbee2mqtt: RegExp | null
    shelly: RegExp | null
    integration: string | null
    isNormalized: boolean
    /** of each list the decoded message must have one */
    fields: readonly (readonly string[])[]
  }
  codec: { name: NonNullable<ProfileFile['codec']>['name']; model: string } | null
  refuse: ReadonlyMap<number, string>
  entries: { path: FieldPath; key: string; value: string } | null
  time: { path: FieldPath; unit: 's' | 'ms' | 'iso' } | null
  history: { each: FieldPath; time: { path: FieldPath; unit: 's' | 'ms' } } | null
  readings: readonly ReadingRule[]
  hasInputs: boolean
  batteries: readonly { paths: Paths; unit: 'V' | '%' | 'mV'; of: string | null }[]
  valves: readonly ValveRule[]
  runs: readonly RunRule[]
  alarms: readonly { name: string; paths: Paths; when: ReadonlySet<unknown> }[]
  interval: { paths: Paths; unit: 's' | 'min' } | null
  ask: NonNullable<ProfileFile['ask']>
  notUsed: Paths
  technical: readonly string[]
}

/** `milesight-em500-smtc@3`: what a dead letter and a reading's message name. */
export const profileId = ({ name, version }: Pick<Profile, 'name' | 'version'>): string =>
  `${name}@${version}`

const parseFile = jsonParser(ProfileFile, 'profile')

/** Parses and checks the text of a profile file. */
export function readProfile(text: string): Result<Profile> {
  const file = parseFile(text)
  if (!file.ok) return file
  try {
    return ok(compile(file.value))
  } catch (error) {
    if (error instanceof InvalidProfile) return err(error.message)
    throw error
  }
}

class InvalidProfile extends Error {}

function compile(file: ProfileFile): Profile {
  const { match } = file
  return {
    name: file.profile,
    version: file.version,
    title: file.title,
    kind: file.kind,
    everyS: file.everyS,
    match: {
      chirpstack: pattern('match.chirpstack', match.chirpstack),
      thingsStack:
        match['the-things-stack'] === undefined
          ? null
          : {
              brand: match['the-things-stack'].brand ?? null,
              model: pattern('match.things-stack.model', match['the-things-stack'].model)!,
            },
      zigbee2mqtt: pattern('match.zigbee2mqtt', match.zigbee2mqtt),
      shelly: pattern('match.shelly', match.shelly),
      integration: match.integration ?? null,
      isNormalized: match.normalized === true,
      fields: (match.fields ?? []).map((names) => names.split('|')),
    },
    codec: file.codec === undefined ? null : { name: file.codec.name, model: file.codec.model ?? '' },
    refuse: new Map((file.refuse ?? []).map(({ fPort, reason }) => [fPort, reason])),
    entries:
      file.entries === undefined
        ? null
        : { ...file.entries, path: parsePath('entries.path', file.entries.path) },
    time: file.time === undefined ? null : { ...file.time, path: parsePath('time.path', file.time.path) },
    history:
      file.history === undefined
        ? null
        : {
            each: parsePath('history.each', file.history.each),
            time: {
              path: parsePath('history.time.path', file.history.time.path),
              unit: file.history.time.unit,
            },
          },
    readings: repeated(file.readings).map(readingRule),
    hasInputs: file.inputs === true,
    batteries: repeated(file.batteries ?? []).map(({ path, unit, of }, i) => ({
      paths: parsePaths(`batteries.${i}.path`, path),
      unit,
      of: of ?? null,
    })),
    valves: repeated(file.valves ?? []).map(({ path, optimisticWith, ...rule }, i) => ({
      ...rule,
      paths: parsePaths(`valves.${i}.path`, path),
      optimisticWith:
        optimisticWith === undefined ? null : parsePath(`valves.${i}.optimisticWith`, optimisticWith),
    })),
    runs: (file.runs ?? []).map(({ valve, duration, litres }, i) => ({
      valve,
      duration: { paths: parsePaths(`runs.${i}.duration.path`, duration.path), unit: duration.unit },
      litres:
        litres === undefined
          ? null
          : { paths: parsePaths(`runs.${i}.litres.path`, litres.path), unit: litres.unit },
    })),
    alarms: (file.alarms ?? []).map(({ name, path, when }, i) => ({
      name,
      paths: parsePaths(`alarms.${i}.path`, path),
      when: new Set<unknown>(when),
    })),
    interval:
      file.interval === undefined
        ? null
        : { paths: parsePaths('interval.path', file.interval.path), unit: file.interval.unit },
    ask: file.ask ?? [],
    notUsed: parsePaths('notUsed', file.notUsed ?? []),
    technical: file.technical ?? [],
  }
}

function readingRule(reading: Omit<Entry<'readings'>, 'repeat'>, i: number): ReadingRule {
  const { path, nothing, absent, ...rule } = reading
  const { quantity, unit } = rule
  const where = `readings.${i}`
  if (quantity === undefined && rule.input === undefined)
    throw new InvalidProfile(`${where}: expected a quantity, or an input that a person assigns, got neither`)
  if (quantity !== undefined) {
    if (quantityOf(quantity) === undefined)
      throw new InvalidProfile(`${where}.quantity: expected a quantity that Tilth knows, got ${quantity}`)
    if (unit !== undefined) {
      const converter = converterTo(quantity, unit)
      if (!converter.ok) throw new InvalidProfile(`${where}.unit: ${converter.error}`)
    }
  }
  if (quantity !== undefined && unit === undefined)
    throw new InvalidProfile(`${where}.unit: expected the unit of the device, got nothing`)
  return {
    ...rule,
    paths: parsePaths(`${where}.path`, path),
    nothing: new Set(nothing ?? []),
    absent: new Set(absent ?? []),
  }
}

/** Entries with `repeat` written out: `{n}` becomes each number. */
function repeated<E extends { repeat?: { name: string; from: number; to: number } | undefined }>(
  entries: readonly E[],
): Omit<E, 'repeat'>[] {
  return entries.flatMap(({ repeat, ...entry }) => {
    if (repeat === undefined) return [entry]
    const count = Math.max(0, repeat.to - repeat.from + 1)
    return Array.from({ length: count }, (_, i) => fillIn(entry, `{${repeat.name}}`, String(repeat.from + i)))
  })
}

/** A copy of a part of a profile with a mark in its texts replaced. */
function fillIn<P>(part: P, mark: string, text: string): P {
  if (typeof part === 'string') return part.replaceAll(mark, text) as P
  if (Array.isArray(part)) return part.map((item: unknown) => fillIn(item, mark, text)) as P
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, fillIn(value, mark, text)]),
  ) as P
}

function parsePath(where: string, text: string): FieldPath {
  const path = parseFieldPath(text)
  if (!path.ok) throw new InvalidProfile(`${where}: ${path.error}`)
  return path.value
}

const parsePaths = (where: string, paths: string | readonly string[]): Paths =>
  (typeof paths === 'string' ? [paths] : paths).map((text) => ({ text, path: parsePath(where, text) }))

/** A pattern of a profile is matched against short names only, and has no nested repetition. */
function pattern(where: string, text: string | undefined): RegExp | null {
  if (text === undefined) return null
  if (/[+*}][)\]]*[+*{]|\)[+*{]/.test(text))
    throw new InvalidProfile(`${where}: expected a pattern without repeated groups, got ${text}`)
  try {
    return new RegExp(text, 'i')
  } catch (error) {
    throw new InvalidProfile(`${where}: ${(error as Error).message}`)
  }
}

/** The field that a path begins with. */
export const rootOf = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path
