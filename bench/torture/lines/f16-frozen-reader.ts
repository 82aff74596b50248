/**
 * F16: one of a hundred devices stops reading its messages. The other ninety-nine receive theirs without extra delay;
 * the frozen one is disconnected. Phases with and without it alternate, with equal traffic, so that other work on the
 * machine affects both. The median p99 of the phases with a frozen reader is compared with that of the others.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { topicOf } from '../../../broker/contract/topics.ts'
import { quantile } from '../../support/generator.ts'
import { ORG } from '../../support/place.ts'
import { atLeast, atMost, count, ms, machineDependent, infoFigure } from '../../support/report.ts'
import { startChild } from '../support/child-program.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import type { ServiceBrokerTask } from '../support/service-broker.ts'
import { until } from '../support/until.ts'
import { signIn, type Wire } from '../support/wire.ts'

const READERS = 100
const RATE_PER_S = 500
const PAIRS = { short: 8, long: 40 }
// warm-up: until code is compiled and memory pooled, later phases are faster
const PAIRS_BEFORE = 2
const PHASE_MS = 1_250 // shorter than the 5 s after which the frozen one is disconnected
const MORE_PERCENT = 20
// about the system's buffer of an unread connection, and far more
const FILL = { bytes: 60_000, full: 70, over: 500 }
const CUT_OFF_WITHIN_MS = 10_000
// timer resolution: smaller differences are not a delay
const GRAIN_MS = 1

type Device = ServiceBrokerTask['devices'][number]

export const f16: FaultLine = {
  name: 'F16',
  fault: 'one of 100 readers frozen',
  async run(torture) {
    const pairs = torture.isLong ? PAIRS.long : PAIRS.short
    torture.log(`F16: ${pairs} x ${PHASE_MS / 1000} s with and without a frozen reader among ${READERS}`)
    const devices = Array.from({ length: READERS }, (_, index) => ({
      id: `reader-${index + 1}`,
      org: ORG,
      secret: `secret-of-${index + 1}`,
    }))
    const serviceSecret = 'secret of the service'
    const broker = await startChild<Record<string, number>>(torture, 'service-broker', {
      journalPath: join(await torture.folder('f16'), 'journal.db'),
      pepper: 'pepper',
      serviceSecret,
      devices,
    } satisfies ServiceBrokerTask)
    const port = await until('the broker listens', 60_000, () => {
      const match = /:(\d+)\n/.exec(broker.output())
      return match === null ? null : Number(match[1])
    })
    const [last, ...otherDevices] = devices.toReversed() as [Device, ...Device[]]
    const tookMs: number[] = []
    const onMessage = (payload: Buffer) => void tookMs.push(performance.now() - Number(payload.toString()))
    for (const device of otherDevices) await listen(port, device, onMessage)
    const service = await signIn({ port }, { id: 'service:bench', secret: serviceSecret })

    const phase = async (isFrozen: boolean): Promise<number[]> => {
      const wire = await listen(port, last, () => {})
      if (isFrozen) wire.socket.pause()
      // the frozen one never reads this, it stays in the system's buffer; otherwise it is read before timing starts
      fill(service, last, FILL.full)
      await pause(500)
      tookMs.length = 0
      await publishToAll(service, devices, PHASE_MS)
      wire.end()
      return [...tookMs]
    }
    const receivedCounts: number[] = []
    const [withoutFrozen, withFrozen]: [number[][], number[][]] = [[], []]
    for (let pair = -PAIRS_BEFORE; pair < pairs; pair++) {
      // the order alternates as well
      for (const isFrozen of pair % 2 === 0 ? [false, true] : [true, false]) {
        const phaseMs = await phase(isFrozen)
        if (pair < 0) continue
        receivedCounts.push(phaseMs.length)
        ;(isFrozen ? withFrozen : withoutFrozen).push(phaseMs)
      }
    }
    const cutOffMs = await untilCutOff(port, service, last)
    await broker.end()
    const counters = await broker.done

    const [plainMs, frozenMs] = [medianP99(withoutFrozen), medianP99(withFrozen)]
    const morePercent = (Math.max(0, frozenMs - plainMs - GRAIN_MS) / plainMs) * 100
    const percent = (value: number) => `${value.toFixed(0)} %`
    return [
      infoFigure('F16', `p99 of ${READERS - 1} readers, none frozen, median of the phases`, ms(plainMs)),
      infoFigure('F16', 'the same, one frozen', ms(frozenMs)),
      infoFigure('F16', 'p99 over all phases, none frozen', ms(p99(withoutFrozen.flat()))),
      infoFigure('F16', 'the same, one frozen, over all', ms(p99(withFrozen.flat()))),
      machineDependent(atMost('F16', `slower by, beyond ${GRAIN_MS} ms`, morePercent, MORE_PERCENT, percent)),
      machineDependent(
        atLeast('F16', 'received in the worst phase', Math.min(...receivedCounts), expectedByOthers(), count),
      ),
      machineDependent(
        atMost('F16', 'the frozen one is disconnected after', cutOffMs, CUT_OFF_WITHIN_MS, seconds),
      ),
      infoFigure('F16', 'readers disconnected', count(counters.readersCutOff ?? Number.NaN)),
    ]
  },
}

const medianP99 = (phases: readonly number[][]): number =>
  quantile(
    phases.map(p99).sort((a, b) => a - b),
    0.5,
  )

const p99 = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.99,
  )
/** All messages except those to the frozen device. */
const expectedByOthers = (): number => Math.floor((phaseMessages() * (READERS - 1)) / READERS)
const phaseMessages = (): number => Math.floor((RATE_PER_S * PHASE_MS) / 1000)

async function listen(port: number, device: Device, onMessage: (payload: Buffer) => void): Promise<Wire> {
  const wire = await signIn({ port }, device, {})
  wire.onPublish(onMessage)
  const topic = topicOf(ORG, device.id, 'command')
  wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
  if ((await wire.next('suback')) === null) throw new Error(`${device.id} may not listen`)
  return wire
}

function fill(service: Wire, { id }: Device, messages: number): void {
  const payload = Buffer.alloc(FILL.bytes, 0x20)
  for (let i = 0; i < messages; i++) publish(service, id, payload)
}

const publish = (service: Wire, id: string, payload: Buffer | string): void =>
  service.send({
    cmd: 'publish',
    topic: topicOf(ORG, id, 'command'),
    payload,
    qos: 0,
    retain: false,
    dup: false,
  })

/** Publishes to each in turn at the rate, with the send time as payload, then waits for the last. */
async function publishToAll(service: Wire, devices: readonly Device[], forMs: number): Promise<void> {
  const startMs = performance.now()
  let sentCount = 0
  while (sentCount < phaseMessages()) {
    const dueCount = Math.min(phaseMessages(), ((performance.now() - startMs) / forMs) * phaseMessages())
    for (; sentCount < dueCount; sentCount++)
      publish(service, devices[sentCount % devices.length]!.id, String(performance.now()))
    await pause(1)
  }
  await pause(300)
}

/** Time until a device that does not read is disconnected, ms. */
async function untilCutOff(port: number, service: Wire, device: Device): Promise<number> {
  const wire = await listen(port, device, () => {})
  wire.socket.pause()
  const startMs = performance.now()
  fill(service, device, FILL.over)
  // it does not read, so it does not notice the disconnect either
  await until('the frozen reader is disconnected', 30_000, () => wire.socket.destroyed || isReset(wire))
  return performance.now() - startMs
}

/** Writing detects the disconnect. */
function isReset(wire: Wire): boolean {
  wire.send({ cmd: 'pingreq' })
  return wire.socket.destroyed || !wire.socket.writable
}
