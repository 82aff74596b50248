/** What a message became, compared with what a vector expects: one line for each difference. */
import type { DecodedMessage } from '../../integrations/decode-message.ts'
import type { Battery, ForeignValue, ValveReport } from '../../integrations/foreign-message.ts'
import type { Expected } from './message-file.ts'

/** Relative to the value, for numbers that were converted. */
const TOLERANCE = 1e-6

/** The differences; empty: the message became what the vector expects. `totals`: of values that come as growth. */
export function differences(
  decoded: DecodedMessage,
  expected: Expected,
  suggested: string | null,
  totals: Readonly<Record<string, number>>,
): string[] {
  if (decoded.kind === 'unreadable')
    return expected.deadLetter !== undefined && decoded.reason.includes(expected.deadLetter)
      ? []
      : [`dead letter: expected ${expected.deadLetter ?? 'none'}, got ${decoded.reason}`]
  if (expected.deadLetter !== undefined)
    return [`dead letter: expected ${expected.deadLetter}, got ${decoded.kind}`]
  if (decoded.kind === 'nothing') return ['expected a message of a device, got nothing']
  const { envelope } = decoded
  const found: string[] = [
    ...differing('atMs', envelope.atMs, expected.atMs),
    ...differing('timeFrom', envelope.timeFrom, expected.timeFrom),
    ...differing('dedupeKey', envelope.dedupeKey, expected.dedupeKey),
    ...differing('online', envelope.isOnline ?? undefined, expected.online),
    ...differing('clockOffsetMs', envelope.clockOffsetMs ?? undefined, expected.clockOffsetMs),
    ...differing(
      'session',
      envelope.session === null ? undefined : `${envelope.address} ${envelope.session.deviceAddress}`,
      expected.session === undefined ? undefined : `${expected.session.device} ${expected.session.devAddr}`,
    ),
  ]
  if (expected.heard !== undefined) {
    const { address, name, model, rssi, snr, suggestedProfile } = expected.heard
    found.push(
      ...differing('kind', decoded.kind, 'unassigned'),
      ...differing('heard.address', envelope.address, address),
      ...differing('heard.name', envelope.name, name),
      ...differing('heard.model', envelope.hints.model, model),
      ...differing('heard.rssi', envelope.signal?.rssiDbm, rssi),
      ...differing('heard.snr', envelope.signal?.snrDb ?? undefined, snr),
      ...differing('heard.suggestedProfile', suggested, suggestedProfile),
    )
  }
  if (decoded.kind === 'unassigned') return found
  const { reading } = decoded
  const ownTimes = reading.values.map((value) => ({
    ...value,
    atMs: value.atMs ?? envelope.atMs,
    value: value.isGrowth && value.value !== null ? (totals[value.quantity] ?? 0) + value.value : value.value,
  }))
  return [
    ...found,
    ...valueDifferences(ownTimes, expected, envelope.atMs),
    ...batteryDifferences(reading.batteries, expected),
    ...listDifferences('valves', reading.valves.map(valveText), (expected.valves ?? []).map(expectedValve)),
    ...listDifferences(
      'runs',
      reading.runs.map(({ valve, ranMs, litres }) => `${valve} ${ranMs} ${litres ?? '-'}`),
      (expected.runs ?? []).map(({ valve, ranMs, litres }) => `${valve} ${ranMs} ${litres ?? '-'}`),
    ),
    ...listDifferences('alarms', reading.alarms, expected.alarms ?? []),
    ...(expected.ignored === undefined ? [] : listDifferences('ignored', reading.ignored, expected.ignored)),
    ...differing('everyS', reading.everyS ?? undefined, expected.everyS),
  ]
}

function valueDifferences(
  values: readonly ForeignValue[],
  { measurements }: Expected,
  atMs: number,
): string[] {
  const left = [...values]
  const missing = measurements.flatMap((expected) => {
    const name =
      expected.instance === undefined ? expected.quantity : `${expected.quantity}/${expected.instance}`
    const i = left.findIndex(
      (value) =>
        value.quantity === name &&
        value.depthCm === (expected.depth ?? null) &&
        value.atMs === (expected.atMs ?? atMs) &&
        isClose(value.value, expected.value),
    )
    if (i < 0) return [`measurements: expected ${name} ${expected.value} at ${expected.depth ?? '-'} cm`]
    left.splice(i, 1)
    return []
  })
  const extra = left.map(
    ({ quantity, value, depthCm, atMs: ownMs }) =>
      `measurements: got ${quantity} ${value} at ${depthCm ?? '-'} cm${ownMs === atMs ? '' : ` of ${ownMs}`}`,
  )
  return [...missing, ...extra]
}

function batteryDifferences(
  batteries: readonly Battery[],
  { battery, batteries: others }: Expected,
): string[] {
  const expected = [...(battery === undefined ? [] : [battery]), ...(others ?? [])]
  return listDifferences(
    'batteries',
    batteries.map(({ value, unit, of }) => `${value} ${unit} ${of ?? '-'}`),
    expected.map(({ value, unit, of }) => `${value} ${unit} ${of ?? '-'}`),
  )
}

const valveText = (report: ValveReport): string =>
  [
    `${report.valve} ${report.position}`,
    report.atMs === null ? '' : `at ${report.atMs}`,
    report.isCurrent ? '' : 'past',
    report.isOptimistic ? 'optimistic' : '',
    report.isLocal ? 'local' : '',
    report.remainingMs === null ? '' : `remaining ${report.remainingMs}`,
    report.boundMs === null ? '' : `bound ${report.boundMs}`,
  ]
    .filter((part) => part !== '')
    .join(' ')

const expectedValve = ({
  valve,
  pos,
  atMs,
  isCurrent,
  optimistic,
  by,
  remainingMs,
  boundMs,
}: NonNullable<Expected['valves']>[number]): string =>
  valveText({
    valve,
    position: pos === 'open' ? 'open' : 'closed',
    atMs: atMs ?? null,
    isCurrent: isCurrent ?? true,
    isOptimistic: optimistic ?? false,
    isLocal: by === 'local',
    remainingMs: remainingMs ?? null,
    boundMs: boundMs ?? null,
  })

/** Texts that are missing, and those that nobody expects. */
export function listDifferences(
  name: string,
  actual: readonly string[],
  expected: readonly string[],
): string[] {
  const missing = expected.filter((text) => !actual.includes(text))
  const extra = actual.filter((text) => !expected.includes(text))
  return [
    ...missing.map((text) => `${name}: expected ${text}`),
    ...extra.map((text) => `${name}: got ${text}`),
  ]
}

const differing = (name: string, actual: unknown, expected: unknown): string[] =>
  expected === undefined || actual === expected
    ? []
    : [`${name}: expected ${String(expected)}, got ${String(actual)}`]

/** Equal but for the rounding of a conversion. */
export const isClose = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b))
