/**
 * F21: a controller with valid credentials sends extremes in every numeric field of every message, and of the ends of a
 * run that a person has started. No record exceeds what can have flowed, every page and report is served, the valves of
 * others work, people are alerted, and the valve opens again under its own controller.
 */
import { join } from 'node:path'
import { MAX_RUN_MS } from '../../../broker/contract/bounds.ts'
import { MINUTE_MS, SECOND_MS, systemClock } from '../../../broker/contract/time.ts'
import { delivery, topicOf, type DeviceKind } from '../../../broker/contract/topics.ts'
import type { OpenCommand } from '../../../broker/contract/messages.ts'
import type { Credentials } from '../../../firmware-sim/devices/link.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { mostLitres } from '../../../services/domain/plausible-water.ts'
import { ORG, provision } from '../../support/place.ts'
import { atLeast, atMost, count, infoFigure } from '../../support/report.ts'
import { hostileMessages, validMessages } from '../fuzz/hostile-numbers.ts'
import type { FaultLine } from '../support/fault-line.ts'
import { behind } from '../support/metrics.ts'
import { signUp, type Person } from '../support/person.ts'
import { readEverything, valveObjects } from '../support/read-everything.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil, until } from '../support/until.ts'
import { provisionValves, switchOn, type ValvePlace, type Zone } from '../support/valve-place.ts'
import { VALVE_FIELD } from '../support/valve-world.ts'
import { signIn, type Wire } from '../support/wire.ts'

const STATE_EVERY_MS = 1_000
const ALERTS = ['message-refused', 'meter-implausible', 'rule-broken']

export const f21: FaultLine = {
  name: 'F21',
  fault: 'hostile numbers in every field of every message',
  async run(torture) {
    const dataDir = await torture.folder('f21')
    await provision(dataDir, { fields: 2, devices: 4, everyS: 60, plantedDaysAgo: 1 })
    const place = await provisionValves(dataDir, { controllers: 2, valvesEach: 1 })
    const [hostile, good] = place.credentials as [Credentials, Credentials]
    const tilth = await startTilth(torture, dataDir, { env: { MQTT_LIMITS: 'none', HTTP_LIMITS: 'none' } })
    const { port, mqttPort } = tilth
    const messages = hostileMessages()
    torture.log(
      `F21: ${count(messages.length)} messages with an extreme number, and a run that ends with them`,
    )
    const person = await signUp(port, tilth.server().setupToken)
    await switchOn(torture, of(place, good), { mqttPort, clock: systemClock })
    const [hostileZone, goodZone] = [zoneOf(place, hostile), zoneOf(place, good)]
    await person.start(goodZone.id, 30)

    const wire = await signIn({ port: mqttPort }, hostile)
    const published = await publishAll(wire, hostile, messages)
    await endHostileRun(person, wire, hostile, hostileZone)
    wire.end()
    await timeUntil(30_000, async () => (await behind(port)) === 0)

    const isOtherOpen = (await positionOf(person, goodZone)) === 'open'
    const stopped = await person.stop(goodZone.id)
    const otherShutMs = await timeUntil(10_000, async () => (await positionOf(person, goodZone)) === 'closed')
    // the real controller is back
    await switchOn(torture, of(place, hostile), { mqttPort, clock: systemClock })
    await person.start(hostileZone.id, 1)
    const reopenedMs = await timeUntil(10_000, async () => (await positionOf(person, hostileZone)) === 'open')
    await person.stop()
    await timeUntil(10_000, async () => (await positionOf(person, hostileZone)) === 'closed')

    const read = await readEverything(person, valveObjects())
    for (const failure of read.failed) torture.log(`F21: ${failure}`)
    for (const text of read.notFinite) torture.log(`F21: not a finite number: ${text}`)
    await tilth.server().end('SIGTERM')
    const { beyond, alerts, stuck } = await recordsOf(dataDir, place)
    return [
      infoFigure('F21', 'messages sent, acknowledged', `${count(messages.length)}, ${count(published)}`),
      infoFigure('F21', 'responses read', count(read.responses)),
      atMost('F21', 'responses 5xx', read.failed.length, 0, count),
      atMost('F21', 'numbers that are not finite', read.notFinite.length, 0, count),
      atMost('F21', 'records beyond what can have flowed', beyond, 0, count),
      atLeast('F21', `kinds of alert raised, of ${ALERTS.length}`, alerts, ALERTS.length, count),
      atMost('F21', 'requests without an outcome', stuck, 0, count),
      atLeast('F21', 'valves of others still open', isOtherOpen ? 1 : 0, 1, count),
      atLeast(
        'F21',
        'STOP of others carried out',
        stopped.state !== 'refused' && Number.isFinite(otherShutMs) ? 1 : 0,
        1,
        count,
      ),
      atLeast('F21', 'later starts on the valve that opened', Number.isFinite(reopenedMs) ? 1 : 0, 1, count),
    ]
  },
}

const of = ({ credentials, zones }: ValvePlace, { id }: Credentials): ValvePlace => ({
  credentials: credentials.filter((item) => item.id === id),
  zones: zones.filter(({ device }) => device === id),
})
const zoneOf = ({ zones }: ValvePlace, { id }: Credentials): Zone =>
  zones.find(({ device }) => device === id)!

async function positionOf(person: Person, zone: Zone): Promise<string | undefined> {
  const { zones } = await person.field()
  return zones.find(({ id }) => id === zone.id)?.position
}

let messageId = 0
function publish(wire: Wire, { id }: Credentials, kind: DeviceKind, payload: string): void {
  const { qos, retain } = delivery[kind]
  const topic = topicOf(ORG, id, kind)
  const packet = { cmd: 'publish', topic, payload, qos, retain, dup: false } as const
  wire.send(qos === 0 ? packet : { ...packet, messageId: (messageId = (messageId % 65_535) + 1) })
}

/** Publishes all, and waits until they are acknowledged; returns the number of acknowledgements. */
async function publishAll(
  wire: Wire,
  device: Credentials,
  messages: readonly { kind: DeviceKind; payload: string }[],
): Promise<number> {
  const acked = () => wire.received.filter(({ cmd }) => cmd === 'puback').length
  let expected = 0
  for (const { kind, payload } of messages) {
    publish(wire, device, kind, payload)
    if (delivery[kind].qos > 0) expected++
    if (expected % 20 === 0) await timeUntil(5_000, () => acked() >= expected || wire.isClosed())
  }
  await timeUntil(5_000, () => acked() >= expected || wire.isClosed())
  return acked()
}

/**
 * A person starts the valve; its end is reported as nine million billion milliseconds with 1e308 litres. The controller
 * repeats its state and its heartbeat, as any does, because a busy dispatch drops messages of a device that sends this
 * many.
 */
async function endHostileRun(person: Person, wire: Wire, device: Credentials, zone: Zone): Promise<void> {
  const sess = 'b9.c9.run'
  const commands: OpenCommand[] = []
  wire.onPublish((payload) => {
    const message = JSON.parse(payload.toString()) as OpenCommand
    if (message.op === 'open') commands.push(message)
  })
  const topics = (['command', 'lease'] as const).map((kind) => topicOf(ORG, device.id, kind))
  wire.send({
    cmd: 'subscribe',
    messageId: 60_000,
    subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })),
  })
  await wire.next('suback')
  const { state, heartbeat, ack } = validMessages(zone.valve, sess)
  const last = 2 ** 53 - 1
  let n = 0
  const publishState = () => {
    n += 1
    const isClosed = commands.length === 0
    if (isClosed) publish(wire, device, 'state', JSON.stringify({ ...state, last: { [zone.valve]: last } }))
    publish(wire, device, 'heartbeat', JSON.stringify({ ...heartbeat, n, monoMs: 60_000 + n }))
  }
  publishState()
  const timer = setInterval(publishState, STATE_EVERY_MS)
  try {
    await person.start(zone.id, 1)
    const command = await until('the hostile controller gets its command', 10_000, () => commands[0] ?? null)
    const report = (st: string, numbers: object) =>
      publish(wire, device, 'ack', JSON.stringify({ ...ack, seq: command.seq, st, ...numbers }))
    report('running', { ranMs: 0, last })
    report('done', { why: 'timer', ranMs: 9e15, litres: 1e308, last })
    await until('the run has ended', 10_000, async () => (await recordsOfField(person)).irrigations > 0)
  } finally {
    clearInterval(timer)
  }
}

/** The number of irrigation records that a person sees. */
async function recordsOfField(person: Person): Promise<{ irrigations: number }> {
  const { runs } = await person.get<{ runs: unknown[] }>(`/api/fields/${VALVE_FIELD}/irrigations`)
  return { irrigations: runs.length }
}

/** Records beyond what can have flowed, the kinds of alert that were raised, and requests that were left open. */
async function recordsOf(dataDir: string, { zones }: ValvePlace) {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  try {
    const rows = await state.selectFrom('irrigation').selectAll().execute()
    const zoneRows = await state
      .selectFrom('zone')
      .select(['id', 'areaM2', 'applicationRateMmH'])
      .where(
        'id',
        'in',
        zones.map(({ id }) => id),
      )
      .execute()
    const beyond = rows.filter(({ zoneId, ranMs, litres, grossMm, commandedMinutes, cause }) => {
      const zone = zoneRows.find(({ id }) => id === zoneId)
      const longestMs = cause === 'unexpected' ? MAX_RUN_MS : commandedMinutes * MINUTE_MS + SECOND_MS
      const most = zone ? mostLitres(ranMs, zone) : Number.NaN
      const isRight =
        ranMs <= longestMs &&
        (litres === null || (litres >= 0 && litres <= most)) &&
        (grossMm === null || grossMm <= most / (zone?.areaM2 ?? 0))
      return !isRight
    })
    const raised = await state.selectFrom('alert').select('cause').distinct().execute()
    const open = await state.selectFrom('request').select('id').where('state', '=', 'new').execute()
    return {
      beyond: beyond.length,
      alerts: ALERTS.filter((cause) => raised.some((row) => row.cause === cause)).length,
      stuck: open.length,
    }
  } finally {
    await close()
  }
}
