/**
 * F26: one person of a large co-operative reads every page, report and export, and makes its heaviest requests, six at a
 * time, while devices send and a new one connects each second. No request holds the event loop, so devices are
 * acknowledged and none is refused for lag.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { writeMembers } from '../../../firmware-sim/demo/members/write-members.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { quantile } from '../../support/generator.ts'
import { FARM, fieldId, ORG, provision } from '../../support/place.ts'
import { atLeast, atMost, count, infoFigure, machineDependent, ms } from '../../support/report.ts'
import type { FaultLine } from '../support/fault-line.ts'
import { startGoodDevices } from '../support/good-devices.ts'
import { heavyRequests, type HeavyRequest } from '../support/heavy-requests.ts'
import { loopWatch, readLoopHolds, type LoopHold } from '../support/loop-holds.ts'
import { brokerCounts } from '../support/metrics.ts'
import { signUp, type Person } from '../support/person.ts'
import { readEverything } from '../support/read-everything.ts'
import { startTilth } from '../support/start-tilth.ts'
import { signIn } from '../support/wire.ts'

const SIZE = {
  short: { members: 100, fields: 900, roundMs: 8_000 },
  long: { members: 214, fields: 1_900, roundMs: 60_000 },
}
const YEAR = 2025
const AT_ONCE = 6
const RATE_PER_S = 20 // within the standard limit of a device
const ACK_WITHIN_MS = 100
const HOLD_MS = 50
/** Slices of several requests may follow one another before the watch looks again. */
const HOLD_TOGETHER_MS = 100
const RESPONSE_WITHIN_MS = 60_000

export const f26: FaultLine = {
  name: 'F26',
  fault: "one person's heaviest requests, six at a time",
  async run(torture) {
    const { members, fields, roundMs } = torture.isLong ? SIZE.long : SIZE.short
    torture.log(`F26: ${members} members with ${count(fields)} fields, ${AT_ONCE} requests at a time`)
    const dataDir = await torture.folder('f26')
    const place = { fields: 40, devices: 21, everyS: 60, plantedDaysAgo: 100 }
    const [visitor, ...publishers] = await provision(dataDir, place)
    const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
    await writeMembers(state, { coop: ORG, members, fields, year: YEAR, yearsBack: 2 })
    await close()
    const { nodeOptions, env } = loopWatch(dataDir, HOLD_MS)
    const tilth = await startTilth(torture, dataDir, {
      env: { ...env, HTTP_LIMITS: 'none', MQTT_LIMITS: '' },
      nodeOptions,
    })
    const person = await signUp(tilth.port, tilth.server().setupToken)
    const requests = heavyRequests(YEAR) // made before: this process also simulates the devices
    const load = startGoodDevices(torture, { port: tilth.mqttPort, publishers, ratePerS: RATE_PER_S })
    const holdsBefore = readLoopHolds(dataDir).length
    // once each: code is compiled, and what holds the loop is known by its name
    const unexpected: string[] = []
    for (const request of requests) await send(person, request, unexpected)
    const all = await readEverything(person, {
      ids: { fields: [fieldId(0)], farms: [FARM], devices: [publishers[0]!.id], paddies: [fieldId(0)] },
      year: YEAR,
    })
    unexpected.push(...all.failed, ...all.notFinite.map((path) => `not a finite number: ${path}`))
    const alone = readLoopHolds(dataDir).slice(holdsBefore)

    let isOver = false
    torture.onEnd(async () => void (isOver = true))
    const refused = connectEachSecond(tilth.mqttPort, visitor!, () => isOver)
    const endMs = performance.now() + roundMs
    let next = 0
    let sent = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (performance.now() < endMs) {
          await send(person, requests[next++ % requests.length]!, unexpected)
          sent += 1
        }
      }),
    )
    isOver = true
    const refusedCount = await refused
    const { load: acks } = await load.stop()
    const lag = (await brokerCounts(tilth.port)).get('connectionsRefusedLag') ?? 0
    const holds = readLoopHolds(dataDir).slice(holdsBefore)
    for (const text of new Set(unexpected)) torture.log(`F26: ${text}`)
    for (const { heldMs, requests: open } of holds.filter(isOfRequest))
      torture.log(`F26: the event loop was held for ${heldMs} ms: ${open.join(', ')}`)
    return [
      infoFigure('F26', 'requests answered', count(sent + requests.length + all.responses)),
      atMost('F26', 'unexpected responses', unexpected.length, 0, count),
      machineDependent(
        atMost('F26', 'requests that held the event loop, alone', alone.filter(isOfRequest).length, 0, count),
      ),
      machineDependent(
        atMost('F26', 'longest hold with six requests open', longestMs(holds), HOLD_TOGETHER_MS, ms),
      ),
      machineDependent(
        atMost('F26', "a device's PUBACK, p99", quantile(acks.ackMs, 0.99), ACK_WITHIN_MS, ms),
      ),
      atMost('F26', `messages lost, of ${count(acks.sent)}`, acks.sent - acks.acked, 0, count),
      atLeast(
        'F26',
        'connections of devices that lasted',
        publishers.length - acks.broken,
        publishers.length,
        count,
      ),
      machineDependent(atMost('F26', 'connections refused for lag', lag + refusedCount, 0, count)),
    ]
  },
}

const isOfRequest = ({ requests }: LoopHold): boolean => requests.length > 0
const longestMs = (holds: readonly LoopHold[]): number =>
  Math.max(0, ...holds.filter(isOfRequest).map(({ heldMs }) => heldMs))

async function send(
  person: Person,
  { method, path, body, status }: HeavyRequest,
  unexpected: string[],
): Promise<void> {
  const response = await person.send(method, path, body, RESPONSE_WITHIN_MS)
  // a second file of the organisation waits for the first
  if (response.status !== status && response.status !== 409)
    unexpected.push(`${method} ${path} was answered ${response.status}: ${response.text.slice(0, 100)}`)
}

/** The number of refused connections. */
async function connectEachSecond(
  port: number,
  device: { id: string; secret: string },
  isOver: () => boolean,
): Promise<number> {
  let refused = 0
  while (!isOver()) {
    await signIn({ port }, device)
      .then((wire) => wire.end())
      .catch(() => void refused++)
    await pause(1_000)
  }
  return refused
}
