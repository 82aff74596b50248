/**
 * What a device sends, before a person has assigned it: its name, its signal, and its values as each profile that fits
 * reads them.
 */
import { quantities, type QuantityName } from '../../broker/contract/quantities.ts'
import type { IntegrationKind } from '../tables/integration.ts'
import { decodeMessage } from './decode-message.ts'
import { readDecimal } from './decimal.ts'
import { readEnvelope, type EnvelopeOptions } from './envelopes/read-envelope.ts'
import type {
  Assignment,
  Battery,
  Envelope,
  Fields,
  ForeignMessage,
  ForeignValue,
  ModelHints,
  ValveReport,
} from './foreign-message.ts'
import { valueAt } from './profiles/field-path.ts'
import { matchProfiles } from './profiles/match-profile.ts'
import type { Profile } from './profiles/read-profile.ts'

export interface DescribedDevice {
  name: string | null
  hints: ModelHints
  signal: Envelope['signal']
  place: Envelope['place']
  /** best first */
  fits: ProfileView[]
  /** why the messages cannot be read at all; null: they can */
  problem: string | null
}

/** The messages of a device as one profile reads them. */
export interface ProfileView {
  profile: Profile
  /** the newest of each quantity and depth, the main ones first; a depth that nobody has answered is null */
  values: ForeignValue[]
  battery: Battery | null
  valves: ValveReport[]
  /** fields with a value that a person may assign to a quantity */
  inputs: InputField[]
  /** fields that came and that nothing uses */
  ignored: string[]
  /** why a message could not be read */
  problem: string | null
}

/** A field that counts only when a person has named its quantity. */
export interface InputField {
  /** the name of its answer */
  name: string
  value: number
  /** the quantity that the profile gives it; null: a person chooses */
  quantity: string | null
}

const MAX_FITS = 3
const MAX_INPUTS = 16
const MAX_DEPTH = 3

/** `messages`: of one address, newest first; of each topic one is enough. */
export function describeDevice(
  kind: IntegrationKind,
  messages: readonly ForeignMessage[],
  profiles: ReadonlyMap<string, Profile>,
  options: EnvelopeOptions,
): DescribedDevice {
  const described: DescribedDevice = {
    name: null,
    hints: { model: null, brand: null },
    signal: null,
    place: null,
    fits: [],
    problem: null,
  }
  const envelopes: Envelope[] = []
  for (const message of messages) {
    const read = readEnvelope(kind, message, options)
    if (!read.ok) described.problem ??= read.error
    else if (read.value !== null) envelopes.push(read.value)
  }
  for (const { name, hints, signal, place } of envelopes) {
    described.name ??= name
    described.hints = {
      model: described.hints.model ?? hints.model,
      brand: described.hints.brand ?? hints.brand,
    }
    described.signal ??= signal
    described.place ??= place
  }
  if (envelopes.length > 0) described.problem = null
  // a message without fields, such as a join, fits by its name alone
  const matching = [...envelopes]
    .sort((a, b) => Number(a.fields === null) - Number(b.fields === null))
    .map((envelope) => matchProfiles(kind, envelope, profiles.values()))
    .find((fits) => fits.length > 0)
  described.fits = (matching ?? [])
    .slice(0, MAX_FITS)
    .map((profile) => viewWithProfile(kind, messages, profile, options))
  return described
}

/** Nobody has answered the questions of the profile yet, so depths are unknown. */
export function viewWithProfile(
  kind: IntegrationKind,
  messages: readonly ForeignMessage[],
  profile: Profile,
  options: EnvelopeOptions,
): ProfileView {
  const view: ProfileView = {
    profile,
    values: [],
    battery: null,
    valves: [],
    inputs: [],
    ignored: [],
    problem: null,
  }
  const device = { profile, assignment: withoutDepths(profile), previous: null }
  for (const message of messages) {
    const decoded = decodeMessage(kind, message, () => device, options)
    if (decoded.kind === 'unreadable') view.problem ??= decoded.reason
    if (decoded.kind !== 'read') continue
    const { values, batteries, valves, ignored } = decoded.reading
    for (const value of values)
      if (value.value !== null && value.atMs === null && !view.values.some((known) => isSame(known, value)))
        view.values.push(value)
    view.battery ??= batteries.find(({ of }) => of === null) ?? null
    for (const report of valves)
      if (report.isCurrent && !view.valves.some(({ valve }) => valve === report.valve))
        view.valves.push(report)
    view.ignored = [...new Set([...view.ignored, ...ignored])]
    for (const input of inputFields(profile, decoded.envelope.fields, ignored))
      if (view.inputs.length < MAX_INPUTS && !view.inputs.some(({ name }) => name === input.name))
        view.inputs.push(input)
  }
  view.values.sort((a, b) => rankOf(a) - rankOf(b) || (a.depthCm ?? 0) - (b.depthCm ?? 0))
  return view
}

/** A default depth is a guess: before anybody has answered, it must not look like a fact. */
const withoutDepths = ({ ask }: Profile): Assignment =>
  Object.fromEntries(
    ask.filter(({ type }) => type === 'depth' || type === 'depths').map(({ name }) => [name, null]),
  )

function inputFields(profile: Profile, fields: Fields | null, ignored: readonly string[]): InputField[] {
  if (fields === null) return []
  const named = profile.readings.flatMap(({ input, quantity, paths }): InputField[] => {
    if (input === undefined) return []
    const value = paths.map(({ path }) => readDecimal(valueAt(fields, path))).find(isNumber)
    return value === undefined ? [] : [{ name: input, value, quantity: quantity ?? null }]
  })
  if (!profile.hasInputs) return named
  return [
    ...named,
    ...numbersIn(fields, ignored).filter(({ name }) => named.every((known) => known.name !== name)),
  ]
}

/** The numbers among fields that nothing uses, by their paths. */
function numbersIn(fields: Fields, ignored: readonly string[], prefix = '', depth = 0): InputField[] {
  return Object.entries(fields).flatMap(([key, field]): InputField[] => {
    if (depth === 0 && !ignored.includes(key)) return []
    // a name with a dot or a bracket would be read as a path
    if (!/^[\w:-]{1,40}$/.test(key)) return []
    const name = prefix + key
    const value = readDecimal(field)
    if (isNumber(value)) return [{ name, value, quantity: null }]
    const isGroup = typeof field === 'object' && field !== null && !Array.isArray(field)
    return isGroup && depth < MAX_DEPTH ? numbersIn(field as Fields, ignored, `${name}.`, depth + 1) : []
  })
}

const isNumber = (value: number | null | undefined): value is number => typeof value === 'number'

const isSame = (a: ForeignValue, b: ForeignValue): boolean =>
  a.quantity === b.quantity && a.depthCm === b.depthCm

const order = Object.keys(quantities) as QuantityName[]
const rankOf = ({ quantity }: ForeignValue): number => order.indexOf(quantity.split('/')[0] as QuantityName)
