/**
 * F8: unauthenticated load: a thousand silent connections, eight CONNECTs of 256 MiB and five thousand sign-ins with
 * wrong secrets at once, under the limits of a real farm. A device with a valid secret can still connect, even from an
 * address with failed sign-ins, and memory stays bounded.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { quantile, runLoad, type Publisher } from '../../support/generator.ts'
import { messages } from '../../support/messages.ts'
import { provision } from '../../support/place.ts'
import {
  atLeast,
  atMost,
  count,
  ms,
  machineDependent,
  infoFigure,
  type Figure,
} from '../../support/report.ts'
import { startChild } from '../support/child-program.ts'
import type { FaultLine } from '../support/fault-line.ts'
import { brokerCounts, metricOf } from '../support/metrics.ts'
import type { AttackTask, AttackReport } from '../support/attackers.ts'
import { startTilth, type TilthProcess } from '../support/start-tilth.ts'
import { signIn } from '../support/wire.ts'

const HALF_OPEN = 1_000
const HUGE = 8
const BAD_LOGINS = 5_000
const SIEGE_MS = { short: 15_000, long: 60_000 }
const DEVICES = 100
const CONNECT_EVERY_MS = 50
const CONNECTED_WITHIN_MS = 500
const GROWN_MIB = 50
// warm-up with ordinary load: its compiled code and pools are not a cost of the attack
const WARM_CONNECTS = 400
const WARM_PER_S = 450
const WARM_MS = 6_000

export const f8: FaultLine = {
  name: 'F8',
  fault: '1,000 half-open connections, 8 CONNECTs of 256 MiB and 5,000 wrong secrets at once',
  async run(torture) {
    const forMs = torture.isLong ? SIEGE_MS.long : SIEGE_MS.short
    torture.log(
      `F8: ${HALF_OPEN} half-open, ${HUGE} x 256 MiB and ${BAD_LOGINS} bad logins in ${forMs / 1000} s`,
    )
    const dataDir = await torture.folder('f8')
    const devices = await provision(dataDir, { fields: 1, devices: DEVICES, everyS: 60, plantedDaysAgo: 1 })
    const tilth = await startTilth(torture, dataDir, { env: { MQTT_LIMITS: '' } })
    for (let i = 0; i < WARM_CONNECTS; i++) await connectOnce(tilth, devices[i % DEVICES]!, addressOf(i))
    await runLoad({
      port: tilth.mqttPort,
      publishers: devices,
      payload: messages(DEVICES).payload,
      ratePerS: WARM_PER_S,
      window: 0,
      forMs: WARM_MS,
    })
    await pause(1_000)

    const beforeMiB = tilth.server().rssMB() ?? Number.NaN
    const siege: AttackTask = {
      port: tilth.mqttPort,
      seed: torture.seed,
      forMs,
      halfOpen: HALF_OPEN,
      huge: HUGE,
      badLogins: BAD_LOGINS,
      known: devices.map(({ id }) => id),
    }
    const strangers = await startChild<AttackReport>(torture, 'attackers', siege)
    let isOver = false
    const attackEnd = strangers.done.finally(() => (isOver = true))
    attackEnd.catch(() => {})
    const tookMs: number[] = []
    let mostMiB = beforeMiB
    let mostWaiting = 0
    for (let i = 0; !isOver; i++) {
      tookMs.push(await connectOnce(tilth, devices[i % DEVICES]!, addressOf(i)))
      mostMiB = Math.max(mostMiB, tilth.server().rssMB() ?? Number.NaN)
      if (i % 10 === 0)
        mostWaiting = Math.max(mostWaiting, await metricOf(tilth.port, 'tilth_connections_waiting'))
      await pause(CONNECT_EVERY_MS)
    }
    const attackReport = await attackEnd
    const counts = await brokerCounts(tilth.port)
    await tilth.server().end('SIGTERM')
    return figures(
      attackReport,
      tookMs.sort((a, b) => a - b),
      { counts, mostWaiting, grownMiB: mostMiB - beforeMiB },
    )
  },
}

/** Every other sign-in comes from an attacker's address, like a farm's own address with a compromised machine. */
const addressOf = (index: number): string => (index % 2 === 0 ? '127.0.0.1' : `127.0.4.${1 + (index % 20)}`)

/** Time to connect, ms; Infinity when it failed. */
async function connectOnce(tilth: TilthProcess, device: Publisher, from: string): Promise<number> {
  const startMs = performance.now()
  try {
    const wire = await signIn({ port: tilth.mqttPort, from }, device)
    wire.end()
    return performance.now() - startMs
  } catch {
    return Infinity
  }
}

function figures(
  attackReport: AttackReport,
  tookMs: readonly number[],
  { counts, mostWaiting, grownMiB }: { counts: Map<string, number>; mostWaiting: number; grownMiB: number },
): Figure[] {
  const mib = (value: number) => `${value.toFixed(0)} MiB`
  const turned = ['connectionsRefusedRate', 'connectionsRefusedLag', 'connectionsEvicted']
  const failedCount = tookMs.filter((durationMs) => durationMs === Infinity).length
  return [
    machineDependent(atMost('F8', 'memory (RSS) grown at most', grownMiB, GROWN_MIB, mib)),
    atMost('F8', `good sign-ins that failed, of ${tookMs.length}`, failedCount, 0, count),
    machineDependent(
      atMost('F8', 'a good device connects, longest', tookMs.at(-1) ?? Number.NaN, CONNECTED_WITHIN_MS, ms),
    ),
    infoFigure('F8', 'a good device connects, median', ms(quantile(tookMs, 0.5))),
    atLeast('F8', 'half-open connections made', attackReport.halfOpened, HALF_OPEN, count),
    infoFigure('F8', 'waiting connections, maximum', count(mostWaiting)),
    atLeast('F8', 'wrong secrets sent', attackReport.loginsSent, BAD_LOGINS, count),
    infoFigure(
      'F8',
      'rejected, dropped',
      `${count(attackReport.loginsRefused)}, ${count(attackReport.loginsDropped)}`,
    ),
    atMost('F8', 'wrong secrets accepted', attackReport.loginsAccepted, 0, count),
    infoFigure(
      'F8',
      'connections rejected: rate, lag, evicted',
      turned.map((kind) => count(counts.get(kind) ?? 0)).join(', '),
    ),
    infoFigure('F8', 'of 2,048 MiB of CONNECTs, accepted', mib(attackReport.hugeBytes / 1024 / 1024)),
  ]
}
