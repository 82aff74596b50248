/** Reads the fields of a message with a profile: pure, from fields and answers to values in Tilth's units. */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import { readDecimal } from '../decimal.ts'
import {
  valveReport,
  type Assignment,
  type Battery,
  type Fields,
  type ForeignValue,
  type ProfileReading,
  type RunReport,
  type ValveReport,
} from '../foreign-message.ts'
import {
  answersOf,
  assignedInputs,
  inputAnswer,
  numberAnswer,
  textAnswer,
  type InputAnswer,
} from './answers.ts'
import { parseFieldPath, valueAt, valuesAt, type FieldPath } from './field-path.ts'
import { entryFields } from './entry-fields.ts'
import { ignoredFields, lastName } from './ignored-fields.ts'
import { isHistoryTime } from '../message-time.ts'
import { converterTo, normaliseUnit } from './units.ts'
import { rootOf, type Paths, type Profile, type ReadingRule } from './read-profile.ts'

/** What a profile needs in addition to the message. */
export interface ProfileContext {
  receivedMs: AtMs
  assignment: Assignment
  /** the unit of each value as the gateway defines it; empty: it does not */
  definition: Readonly<Record<string, string>>
  /** the message before, whose values a gateway may repeat; null: none */
  previous: Fields | null
}

/** A history longer than this is not read whole. */
const MAX_HISTORY = 200
/** What no run of a valve can exceed. */
const LONGEST_RUN_MS = 7 * 86_400_000
const MOST_LITRES = 10_000_000

/** What the fields hold, or the path and what came there: the reason of the dead letter. */
export function applyProfile(
  profile: Profile,
  message: Fields,
  context: ProfileContext,
): Result<ProfileReading> {
  const fields = profile.entries === null ? message : { ...message, ...entryFields(profile.entries, message) }
  const answers = answersOf(profile, context.assignment)
  const used = new Set<string>()
  const reader = { profile, answers, context, used, unassigned: new Set<string>() }
  const now = readValues(reader, fields, null)
  if (!now.ok) return now
  const values = now.value
  const valves = readValves(reader, fields, null)
  let historyAtMs: AtMs | null = null
  for (const { entry, atMs } of historyOf(profile, fields, context.receivedMs)) {
    const past = readValues(reader, entry, atMs)
    if (!past.ok) return past
    values.push(...past.value)
    valves.push(...readValves(reader, entry, atMs))
    historyAtMs = Math.max(historyAtMs ?? -Infinity, atMs)
  }
  const batteries = readBatteries(reader, fields)
  const isOnlyHistory = [...values, ...valves].every(({ atMs }) => atMs !== null) && batteries.length === 0
  return ok({
    values,
    batteries,
    valves,
    runs: readRuns(reader, fields),
    ...readAlarms(reader, fields),
    ignored: ignoredFields(profile, fields, reader),
    everyS: readInterval(reader, fields),
    historyAtMs: isOnlyHistory ? historyAtMs : null,
  })
}

interface Reader {
  profile: Profile
  answers: Assignment
  context: ProfileContext
  /** first parts of the paths that were read */
  used: Set<string>
  /** inputs that have a value and no answer */
  unassigned: Set<string>
}

function readValues(reader: Reader, fields: Fields, atMs: AtMs | null): Result<ForeignValue[]> {
  const values: ForeignValue[] = []
  for (const rule of reader.profile.readings) {
    const value = readValue(reader, fields, rule, atMs)
    if (!value.ok) return value
    if (value.value !== null) values.push(value.value)
  }
  if (!reader.profile.hasInputs) return ok(values)
  for (const [text, input] of assignedInputs(reader.answers)) {
    const path = parseFieldPath(text)
    if (!path.ok || valueAt(fields, path.value) === undefined) continue
    const rule = { paths: [{ text, path: path.value }], nothing: new Set(), absent: new Set() }
    const value = readValue(reader, fields, rule, atMs, input)
    if (!value.ok) return value
    if (value.value !== null) values.push(value.value)
  }
  return ok(values)
}

/** One value; null: the message has none, or nobody has said what hangs there. */
function readValue(
  reader: Reader,
  fields: Fields,
  rule: ReadingRule,
  atMs: AtMs | null,
  answered: InputAnswer | null = null,
): Result<ForeignValue | null> {
  const { answers, context } = reader
  const found = findField(fields, rule.paths)
  if (found === null) return ok(null)
  const input = answered ?? (rule.input === undefined ? null : inputAnswer(rule.input, answers))
  const name = input?.quantity ?? rule.quantity
  const isAnswered = rule.input === undefined || input !== null
  const instance =
    input?.instance ?? (rule.instance === undefined ? null : textAnswer(rule.instance, answers))
  const factor =
    typeof rule.factor === 'string' ? numberAnswer(rule.factor, answers, instance) : (rule.factor ?? 1)
  const from = rule.below === undefined ? null : numberAnswer(rule.below, answers, instance)
  if (name === undefined || !isAnswered || factor === null || (rule.below !== undefined && from === null)) {
    reader.unassigned.add(lastName(found.text))
    return ok(null)
  }
  reader.used.add(rootOf(found.text))
  const quantity =
    name.includes('/') || instance === null || !hasInstances(name) ? name : `${name}/${instance}`
  const depthCm = input?.depthCm ?? depthOf(rule, answers, instance)
  if (rule.absent.has(found.value) || rule.absent.has(readDecimal(found.value))) return ok(null)
  const raw = rule.nothing.has(found.value) ? null : readDecimal(found.value)
  if (raw === undefined)
    return err(`${found.text}: expected a number, got ${JSON.stringify(found.value).slice(0, 80)}`)
  if (raw === null || rule.nothing.has(raw))
    return ok({ quantity, depthCm, value: null, atMs, isGrowth: false })
  if (isRepeated(context.previous, found)) return ok(null)
  const converter = converterOf(
    quantity,
    input?.unit ?? definedUnit(context, found.text) ?? rule.unit ?? null,
  )
  if (!converter.ok) return err(`${found.text}: ${converter.error}`)
  const converted = converter.value(raw * factor + (rule.offset ?? 0))
  const value = from === null ? converted : from - converted
  if (!Number.isFinite(value)) return err(`${found.text}: expected a number that can be true, got ${raw}`)
  return ok({ quantity, depthCm, value, atMs, isGrowth: rule.delta === true })
}

/** Without a unit the value is in that of the quantity, which is what the person who assigned it was asked for. */
function converterOf(quantity: string, unit: string | null): Result<(value: number) => number> {
  if (unit !== null) return converterTo(quantity, normaliseUnit(unit))
  return quantityOf(quantity) === undefined
    ? err(`expected a quantity that Tilth knows, got ${quantity}`)
    : ok((value) => value)
}

const definedUnit = ({ definition }: ProfileContext, path: string): string | undefined =>
  Object.hasOwn(definition, path) ? definition[path] : undefined

function depthOf({ depth }: ReadingRule, answers: Assignment, instance: string | null): number | null {
  return typeof depth === 'string' ? numberAnswer(depth, answers, instance) : (depth ?? null)
}

const hasInstances = (name: string): boolean => quantityOf(name)?.instanceWire !== undefined

/** The gateway repeats what it received before: the same value is no new reading. */
const isRepeated = (previous: Fields | null, { path, value }: Found): boolean =>
  previous !== null && valueAt(previous, path) === value

interface Found {
  text: string
  path: FieldPath
  value: unknown
}

/** The first of the paths that the fields have with a value, else the first that they have with null. */
function findField(fields: Fields, paths: Paths): Found | null {
  let empty: Found | null = null
  for (const { text, path } of paths) {
    const value = valueAt(fields, path)
    if (value !== undefined && value !== null) return { text, path, value }
    if (value === null) empty ??= { text, path, value }
  }
  return empty
}

/** The value at the first path that the fields have, marked as used. */
function take(reader: Reader, fields: Fields, paths: Paths): Found | null {
  const found = findField(fields, paths)
  if (found !== null) reader.used.add(rootOf(found.text))
  return found
}

function readValves(reader: Reader, fields: Fields, atMs: AtMs | null): ValveReport[] {
  return reader.profile.valves.flatMap(({ valve, paths, open, closed, optimisticWith }): ValveReport[] => {
    const found = take(reader, fields, paths)
    if (found === null) return []
    const isOpen = open.includes(found.value as string)
    if (!isOpen && !closed.includes(found.value as string)) return []
    const { previous } = reader.context
    const cached = optimisticWith === null ? undefined : valueAt(fields, optimisticWith)
    return [
      {
        ...valveReport(valve, isOpen ? 'open' : 'closed'),
        atMs,
        isCurrent: atMs === null,
        isOptimistic:
          cached !== undefined && previous !== null && valueAt(previous, optimisticWith!) === cached,
      },
    ]
  })
}

function readBatteries(reader: Reader, fields: Fields): Battery[] {
  const batteries: Battery[] = []
  for (const { paths, unit, of } of reader.profile.batteries) {
    const found = take(reader, fields, paths)
    const value = found === null ? null : readDecimal(found.value)
    if (typeof value !== 'number' || batteries.some((battery) => battery.of === of)) continue
    batteries.push(unit === 'mV' ? { value: value / 1000, unit: 'V', of } : { value, unit, of })
  }
  return batteries
}

/** An alarm whose field the message does not have is neither active nor over. */
function readAlarms(reader: Reader, fields: Fields): Pick<ProfileReading, 'alarms' | 'alarmsOver'> {
  const found = reader.profile.alarms.flatMap(({ name, paths, when }) => {
    const at = take(reader, fields, paths)
    return at === null ? [] : [{ name, isActive: when.has(at.value) }]
  })
  const named = (isActive: boolean) =>
    found.filter((alarm) => alarm.isActive === isActive).map(({ name }) => name)
  return { alarms: named(true), alarmsOver: named(false) }
}

function readRuns(reader: Reader, fields: Fields): RunReport[] {
  return reader.profile.runs.flatMap(({ valve, duration, litres }): RunReport[] => {
    const ran = take(reader, fields, duration.paths)
    const ranMs = ran === null ? null : durationMs(ran.value, duration.unit)
    if (ranMs === null) return []
    const water = litres === null ? null : take(reader, fields, litres.paths)
    const amount = water === null ? null : (readDecimal(water.value) ?? null)
    const runLitres = amount === null ? null : litres!.unit === 'm3' ? amount * 1000 : amount
    if (ranMs > LONGEST_RUN_MS) return []
    return [
      {
        valve,
        ranMs,
        litres: runLitres !== null && runLitres >= 0 && runLitres <= MOST_LITRES ? runLitres : null,
      },
    ]
  })
}

function durationMs(value: unknown, unit: 's' | 'min' | 'hh:mm:ss'): number | null {
  if (unit === 'hh:mm:ss') {
    const match = typeof value === 'string' ? /^(\d{1,2}):([0-5]\d):([0-5]\d)$/.exec(value) : null
    return match === null ? null : (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000
  }
  const number = readDecimal(value)
  return typeof number === 'number' && number >= 0 ? number * (unit === 's' ? 1000 : 60_000) : null
}

/** Between a second and a week; anything else is not an interval. */
function readInterval(reader: Reader, fields: Fields): number | null {
  const { interval } = reader.profile
  if (interval === null) return null
  const found = take(reader, fields, interval.paths)
  const value = found === null ? null : readDecimal(found.value)
  const seconds = typeof value === 'number' ? value * (interval.unit === 's' ? 1 : 60) : NaN
  return seconds >= 1 && seconds <= 604_800 ? Math.round(seconds) : null
}

/** The entries of the history with a time that can be true; the others are of no use. */
function historyOf({ history }: Profile, fields: Fields, receivedMs: AtMs): { entry: Fields; atMs: AtMs }[] {
  if (history === null) return []
  return valuesAt(fields, history.each)
    .slice(0, MAX_HISTORY)
    .flatMap((entry) => {
      const time = readDecimal(valueAt(entry, history.time.path))
      const atMs = typeof time === 'number' ? time * (history.time.unit === 's' ? 1000 : 1) : NaN
      return isHistoryTime(atMs, receivedMs) ? [{ entry: entry as Fields, atMs: Math.round(atMs) }] : []
    })
}
