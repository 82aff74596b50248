/**
 * F15: a device with a valid secret attacks the others. Every attempt is rejected, audited and without effect on
 * others: all their readings are stored, and they receive only their own messages.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import { topicOf } from '../../../broker/contract/topics.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { verifyAudit } from '../../../services/audit/audit-log.ts'
import { readAuditDetail } from '../../../services/tables.ts'
import { compare } from '../../support/compare.ts'
import { quantile, type Publisher } from '../../support/generator.ts'
import { ORG, provision } from '../../support/place.ts'
import { atMost, count, megabytes, ms, infoFigure } from '../../support/report.ts'
import { openSeriesOf, storedReadings } from '../../support/tilth-load.ts'
import type { FaultLine } from '../support/fault-line.ts'
import { startGoodDevices } from '../support/good-devices.ts'
import { hostileAttempts, type Attempt } from '../support/hostile-attempts.ts'
import { behind } from '../support/metrics.ts'
import { OTHER_ORG, provisionOther } from '../support/other-org.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil } from '../support/until.ts'
import { signIn, type Wire, type WireOptions } from '../support/wire.ts'

// the limits of a real farm; but a busy machine must not refuse connections for its own lag, which is another rejection
const FARM_LIMITS = 'lag=60000'
const RETAINED = { short: 1_000, long: 10_000 }
const FLOOD = 10_000
const FLOOD_FOR_MS = 2_000
const GOOD_PER_S = 20

export const f15: FaultLine = {
  name: 'F15',
  fault: 'a hostile device with a valid secret',
  async run(torture) {
    const retained = torture.isLong ? RETAINED.long : RETAINED.short
    torture.log(
      `F15: a device with a valid secret attacks topics of others, ${count(retained)} retained topics`,
    )
    const dataDir = await torture.folder('f15')
    const place = { fields: 2, devices: 8, everyS: 60, plantedDaysAgo: 1 }
    const [hostile, victim, ...goodDevices] = (await provision(dataDir, place)) as [
      Publisher,
      Publisher,
      ...Publisher[],
    ]
    const otherDevice = await provisionOther(dataDir)
    const tilth = await startTilth(torture, dataDir, { env: { MQTT_LIMITS: FARM_LIMITS } })
    const wireOptions = { port: tilth.mqttPort }
    const load = startGoodDevices(torture, { ...wireOptions, publishers: goodDevices, ratePerS: GOOD_PER_S })
    const listeners = [
      await listen(wireOptions, ORG, victim),
      await listen(wireOptions, OTHER_ORG, otherDevice),
    ]
    const rssMB = tilth.server().rssMB()

    const tries = hostileAttempts(wireOptions, { hostile, victim, other: otherDevice })
    const notRejected = await everyTry(tries)
    const retainedElsewhere = await retainElsewhere(wireOptions, hostile, retained)
    const passed = await flood(wireOptions, hostile)

    const rssAfterMB = tilth.server().rssMB()
    const disconnectedCount = listeners.filter((wire) => wire.isClosed()).length
    const receivedByOthers = listeners.flatMap(({ received }) =>
      received.filter(({ cmd }) => cmd === 'publish'),
    ).length
    const { load: loadResult, said } = await load.stop()
    for (const wire of listeners) wire.end()
    await timeUntil(30_000, async () => (await behind(tilth.port)) === 0)
    await tilth.server().end('SIGTERM')

    for (const name of notRejected) torture.log(`F15: not rejected: ${name}`)
    const audit = await audited(dataDir)
    const expectedAudits = [...tries, { what: 'publish' as const, subject: hostile.id, times: retained }]
    const missing = unaudited(expectedAudits, audit.lines)
    for (const missingName of missing.names) torture.log(`F15: wrong audit count: ${missingName}`)
    const stored = await readingsOf(dataDir, [...goodDevices, victim, otherDevice])
    const comparison = compare(said, stored.good)
    return [
      atMost('F15', `attempts not rejected, of ${tries.length}`, notRejected.length, 0, count),
      atMost('F15', `retained on topics of others, of ${count(retained)}`, retainedElsewhere, 0, count),
      atMost('F15', 'rejections missing in the audit', missing.count, 0, count),
      atMost('F15', `broken audit chains, of ${audit.lines.length} lines`, audit.broken, 0, count),
      atMost('F15', 'messages received by others', receivedByOthers, 0, count),
      atMost('F15', 'connections of others that ended', disconnectedCount + loadResult.broken, 0, count),
      atMost(
        'F15',
        `good messages lost, of ${count(comparison.acked)}`,
        comparison.lost + loadResult.sent - loadResult.acked,
        0,
        count,
      ),
      atMost('F15', 'stored under another name', comparison.doubled + stored.forged, 0, count),
      infoFigure('F15', `accepted of ${count(FLOOD)} at once, in ${FLOOD_FOR_MS / 1000} s`, count(passed)),
      infoFigure('F15', "a good device's PUBACK, p99", ms(quantile(loadResult.ackMs, 0.99))),
      infoFigure('F15', 'memory (RSS) before, after', `${megabytes(rssMB)}, ${megabytes(rssAfterMB)}`),
    ]
  },
}

/** Connects and subscribes to everything it may receive. */
async function listen(wireOptions: WireOptions, org: string, device: Publisher): Promise<Wire> {
  const wire = await signIn(wireOptions, device)
  const topics = (['command', 'lease', 'config'] as const).map((kind) => topicOf(org, device.id, kind))
  wire.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })),
  })
  const suback = await wire.next('suback')
  if (suback?.granted.some((code) => code !== 1) !== false) throw new Error(`${device.id} may not listen`)
  return wire
}

/** The names of attempts that were not rejected. */
async function everyTry(tries: readonly Attempt[]): Promise<string[]> {
  const notRejected: string[] = []
  const remaining = [...tries]
  for (let next = remaining.shift(); next; next = remaining.shift())
    if (!(await next.run())) notRejected.push(next.name)
  return notRejected
}

/** Tries to retain a message on topics of others; returns the number acknowledged. */
async function retainElsewhere(wireOptions: WireOptions, device: Publisher, count: number): Promise<number> {
  let next = 0
  let acknowledged = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const topic = topicOf(ORG, `nobody-${next++}`, 'state')
      const wire = await signIn(wireOptions, device)
      wire.send({ cmd: 'publish', topic, payload: '{}', qos: 1, retain: true, dup: false, messageId: 1 })
      await wire.closed()
      if (wire.received.some(({ cmd }) => cmd === 'puback')) acknowledged++
      wire.end()
    }
  }
  await worker()
  return acknowledged
}

/** Publishes its own state, retained, as fast as possible; returns the number accepted. */
async function flood(wireOptions: WireOptions, device: Publisher): Promise<number> {
  const wire = await signIn(wireOptions, device)
  const state = { topic: topicOf(ORG, device.id, 'state'), qos: 1, retain: true, dup: false } as const
  const packets = Array.from({ length: FLOOD }, (_, index) =>
    generate({ cmd: 'publish', ...state, payload: `{"i":${index}}`, messageId: index + 1 }),
  )
  wire.send(Buffer.concat(packets))
  await pause(FLOOD_FOR_MS)
  wire.end()
  return wire.received.filter(({ cmd }) => cmd === 'puback').length
}

interface Line {
  action: string
  subject: string
  times: number
}

async function audited(dataDir: string): Promise<{ lines: Line[]; broken: number }> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  try {
    const rows = await state.selectFrom('audit').select(['action', 'subject', 'detail']).execute()
    const verdicts = await Promise.all([ORG, OTHER_ORG].map((org) => verifyAudit(state, org)))
    return {
      lines: rows
        .filter(({ action }) => action.startsWith('device.refused.'))
        .map(({ action, subject, detail }) => ({
          action,
          subject,
          times: (readAuditDetail(detail) as { times: number }).times,
        })),
      broken: verdicts.filter(({ broken }) => broken !== null).length,
    }
  } finally {
    await close()
  }
}

/** Differences between attempts and audit entries, by device and kind. */
function unaudited(
  tries: readonly (Pick<Attempt, 'what' | 'subject'> & { times?: number })[],
  lines: readonly Line[],
): { count: number; names: string[] } {
  const difference = new Map<string, number>()
  const add = (key: string, delta: number) => void difference.set(key, (difference.get(key) ?? 0) + delta)
  for (const { what, subject, times = 1 } of tries) add(`${subject} device.refused.${what}`, times)
  for (const { action, subject, times } of lines) add(`${subject} ${action}`, -times)
  const differing = [...difference].filter(([, delta]) => delta !== 0)
  return {
    count: differing.reduce((sum, [, delta]) => sum + Math.abs(delta), 0),
    names: differing.map(([key, delta]) => `${key}: ${delta} more attempts than audit entries`),
  }
}

async function readingsOf(dataDir: string, devices: readonly Publisher[]) {
  const series = await openSeriesOf(dataDir)
  try {
    const ids = devices.map(({ id }) => id)
    const [ownReadings, otherReadings] = [
      await storedReadings(series, ids),
      await storedReadings(series, ids, OTHER_ORG),
    ]
    const total = (byDevice: typeof ownReadings) =>
      [...byDevice.values()].reduce((sum, readings) => sum + readings.size, 0)
    // victim and the other device sent nothing
    const forged = (ownReadings.get(ids.at(-2)!)?.size ?? 0) + total(otherReadings)
    return { good: ownReadings, forged }
  } finally {
    await series.close()
  }
}
