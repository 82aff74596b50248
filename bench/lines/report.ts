/**
 * The season of a co-operative whose members are separate organisations: its workbook over HTTP while 200 devices send,
 * the waiting time of a person, and of a device for its acknowledgement meanwhile; and a season's summaries per field
 * and quantity.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { writeMembers } from '../../firmware-sim/demo/members/write-members.ts'
import type { Bench } from '../support/bench.ts'
import { quantile, runLoad } from '../support/generator.ts'
import { messages } from '../support/messages.ts'
import { ORG, provision } from '../support/place.ts'
import { atMost, count, ms, machineDependent, infoFigure, type Figure } from '../support/report.ts'
import { seasonAggregate } from '../support/season-aggregate.ts'
import { startServer, type Server } from '../support/server.ts'
import { FIELDS, PUBLISHERS, untilFirstJobs } from '../support/tilth-load.ts'
import { metricOf } from '../torture/support/metrics.ts'
import { signUp } from './chart.ts'

const MEMBERS = 214
const PADDIES = 1_900
const YEAR = 2025 // completed, so that a missing yield counts
const WITHIN_S = 10
const ACK_WITHIN_MS = 20
const RATE_PER_S = 200
// a server in use has run for a while: device code is compiled
const BEFORE_MS = 10_000
const ROUNDS = 3
const MOST_MS = 120_000

export const report = async (bench: Bench): Promise<Figure[]> => [
  ...(await workbooks(bench)),
  ...(await seasonAggregate(bench)),
]

async function workbooks(bench: Bench): Promise<Figure[]> {
  const dataDir = await bench.folder('report')
  const publishers = await provision(dataDir, {
    fields: FIELDS,
    devices: PUBLISHERS,
    everyS: 60,
    plantedDaysAgo: 1,
  })
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  await writeMembers(state, { coop: ORG, members: MEMBERS, fields: PADDIES, year: YEAR, yearsBack: 5 })
  await close()
  bench.log(`report: ${MEMBERS} members, ${count(PADDIES)} fields, ${ROUNDS} workbooks`)
  const server = await startServer(dataDir)
  bench.onEnd(() => server.end('SIGKILL'))
  try {
    const cookie = await signUp(server)
    await untilFirstJobs(dataDir)
    const stream = messages(PUBLISHERS)
    const sendLoad = (isEnough: () => boolean) =>
      runLoad({
        port: server.mqttPort,
        publishers,
        ratePerS: RATE_PER_S,
        window: 0,
        forMs: MOST_MS,
        payload: stream.payload,
        isDone: isEnough,
        isCounted: () => isRequested,
      })
    let isRequested = false
    let isDone = false
    const speaking = sendLoad(() => isDone)
    await pause(BEFORE_MS)
    isRequested = true
    const cpuBeforeS = server.cpuS()
    await longestGapMs(server) // resets the gauge
    const tookS: number[] = []
    let bytes = 0
    for (let round = 0; round < ROUNDS; round++) {
      const beganMs = performance.now()
      bytes = await workbook(server, cookie)
      tookS.push((performance.now() - beganMs) / 1000)
    }
    const gapMs = await longestGapMs(server)
    isDone = true
    const cpuAfterS = server.cpuS()
    const { ackMs } = await speaking
    const seconds = (value: number) => `${value.toFixed(1)} s`
    return [
      machineDependent(
        atMost(
          'report',
          `XLSX of ${MEMBERS} members, ${count(PADDIES)} fields`,
          Math.max(...tookS),
          WITHIN_S,
          seconds,
        ),
      ),
      infoFigure(
        'report',
        'processor time for one, the devices included',
        cpuBeforeS === null || cpuAfterS === null ? 'unknown' : seconds((cpuAfterS - cpuBeforeS) / ROUNDS),
      ),
      infoFigure('report', 'its size', `${Math.round(bytes / 1000)} kB`),
      machineDependent(
        atMost(
          'report',
          `meanwhile, ${RATE_PER_S} msg/s: publish -> PUBACK, p99`,
          quantile(ackMs, 0.99),
          ACK_WITHIN_MS,
          ms,
        ),
      ),
      infoFigure('report', 'meanwhile: longest gap in the event loop', ms(gapMs)),
    ]
  } finally {
    await server.end('SIGTERM')
  }
}

const LOOKED_AT_EVERY_MS = 10

/** The longest gap since the last call, beyond the server's sampling interval. */
const longestGapMs = async ({ port }: Server): Promise<number> =>
  1000 * (await metricOf(port, 'tilth_nodejs_eventloop_lag_max_seconds')) - LOOKED_AT_EVERY_MS

async function workbook({ port }: Server, cookie: string): Promise<number> {
  const path = `/api/reports/season.xlsx?year=${YEAR}&crop=rice&lang=ja&unit=kg/10a`
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })
  const { byteLength } = await response.arrayBuffer()
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
  return byteLength
}
