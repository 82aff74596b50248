/**
 * F24: the series store, the forecast, the mail server, or the external broker are away when Tilth starts. It starts
 * without them: a valve opens and STOP closes it, readings are acknowledged, /readyz names what is missing. Each part
 * comes back by itself, and nothing that was acknowledged meanwhile is lost.
 */
import { systemClock } from '../../../broker/contract/time.ts'
import { openSeries } from '../../../services/adapters/series.ts'
import { startInfluxd } from '../../../test/support/influxd.ts'
import { startMosquitto } from '../../../test/support/mosquitto.ts'
import { compare } from '../../support/compare.ts'
import { ORG, provision } from '../../support/place.ts'
import { atLeast, atMost, count, machineDependent, type Figure } from '../../support/report.ts'
import { spawnServer } from '../../support/server.ts'
import { untilReady } from '../../support/process.ts'
import { createStream } from '../../support/stream.ts'
import { newestIn, storedReadings } from '../../support/tilth-load.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import { signUp } from '../support/person.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil, until } from '../support/until.ts'
import { provisionValves, switchOn } from '../support/valve-place.ts'
import { watchValves } from '../support/valve-watch.ts'

const RATE_PER_S = 200
const LOAD_MS = { short: 2_000, long: 600_000 }
const START_WITHIN_MS = 10_000
const BACK_WITHIN_MS = 35_000 // ingest retries the store every half minute at most
// nobody listens there: port 1 is reserved
const AWAY = {
  FORECAST: 'open-meteo:http://127.0.0.1:1',
  SMTP_URL: 'smtp://user:secret@127.0.0.1:1',
  MAIL_FROM: 'Tilth <tilth@farm.example>',
}

export const f24: FaultLine = {
  name: 'F24',
  fault: 'series store, forecast, mail or external broker away at the start',
  run: async (torture) => [...(await seriesAway(torture)), ...(await brokerAway(torture))],
}

async function seriesAway(torture: Torture): Promise<Figure[]> {
  torture.log('F24: InfluxDB, forecast and mail away at the start')
  const influxd = await startInfluxd()
  torture.onEnd(() => influxd.stop())
  await influxd.kill()
  const dataDir = await torture.folder('f24')
  const publishers = await provision(dataDir, { fields: 4, devices: 20, everyS: 60, plantedDaysAgo: 1 })
  const place = await provisionValves(dataDir, { controllers: 1, valvesEach: 1 })
  const SERIES = `influx1://${influxd.host}/tilth`
  const tilth = await startTilth(torture, dataDir, { env: { SERIES, ...AWAY }, isWhole: false })
  const { startMs, setupToken } = tilth.server()
  const missing = (await readiness(tilth.port)).missing
  const person = await signUp(tilth.port, setupToken)
  const controllers = await switchOn(torture, place, { mqttPort: tilth.mqttPort, clock: systemClock })
  const watch = watchValves(controllers, place.zones, systemClock)
  torture.onEnd(async () => watch.stop())
  const zone = place.zones[0]!.id
  const stream = createStream(publishers, RATE_PER_S)
  await stream.run(tilth.mqttPort, LOAD_MS[torture.isLong ? 'long' : 'short'])
  const openMs = await afterwards(
    () => person.start(zone, 10),
    () => watch.isOpen(zone),
  )
  const shutMs = await afterwards(
    () => person.stop(zone),
    () => watch.openCount() === 0,
  )

  await influxd.restart()
  const backMs = await timeUntil(
    2 * BACK_WITHIN_MS,
    async () => !(await readiness(tilth.port)).missing.includes('series'),
  )
  const series = await openSeries(SERIES, dataDir)
  await stream.stored(newestIn(series))
  const stored = await storedReadings(
    series,
    publishers.map(({ id }) => id),
  ).finally(() => series.close())
  const { acked, lost, doubled } = compare(stream.sentMessages(), stored)
  for (const controller of controllers) await controller.stop()
  await tilth.server().end('SIGTERM')
  await influxd.stop()
  return [
    machineDependent(
      atMost('F24', 'start without series, forecast, mail', startMs, START_WITHIN_MS, seconds),
    ),
    atLeast('F24', '/readyz names the series', missing.includes('series') ? 1 : 0, 1, count),
    machineDependent(atMost('F24', 'Start to open', openMs, 2_000, seconds)),
    machineDependent(atMost('F24', 'STOP to closed', shutMs, 2_000, seconds)),
    machineDependent(atMost('F24', 'store there to ready', backMs, BACK_WITHIN_MS, seconds)),
    atMost('F24', `acknowledged and lost, of ${count(acked)}`, lost, 0, count),
    atMost('F24', 'stored twice', doubled, 0, count),
  ]
}

async function brokerAway(torture: Torture): Promise<Figure[]> {
  torture.log('F24: the external broker away at the start')
  const mosquitto = await startMosquitto(ORG, [])
  torture.onEnd(() => mosquitto.stop())
  await mosquitto.stopServer()
  const dataDir = await torture.folder('f24-broker')
  const BUS = `mqtt://tilth:${mosquitto.secretOf('tilth')}@127.0.0.1:${mosquitto.port}`
  const spawnedMs = performance.now()
  const server = spawnServer(dataDir, [], { env: { BUS } })
  torture.onEnd(() => server.end('SIGKILL'))
  // it opens no MQTT port, so its ready message is another
  const port = await untilReady(server, 'Tilth', () => {
    const text = /^\s*dashboard\s+http:\/\/\S+:(\d+)\n/m.exec(server.output())?.[1]
    return text === undefined ? null : Number(text)
  })
  const startMs = performance.now() - spawnedMs
  const { missing } = await readiness(port)
  await mosquitto.startServer()
  const backMs = await timeUntil(2 * BACK_WITHIN_MS, async () => (await readiness(port)).ok)
  await until('it stays', 5_000, async () => (await readiness(port)).ok)
  await server.end('SIGTERM')
  await mosquitto.stop()
  return [
    machineDependent(atMost('F24', 'start without the external broker', startMs, START_WITHIN_MS, seconds)),
    atLeast('F24', '/readyz names the broker', missing.includes('bus') ? 1 : 0, 1, count),
    machineDependent(atMost('F24', 'broker there to ready', backMs, 10_000, seconds)),
  ]
}

async function afterwards(act: () => Promise<unknown>, isDone: () => boolean): Promise<number> {
  const waiting = timeUntil(20_000, isDone)
  await act()
  return waiting
}

async function readiness(port: number): Promise<{ ok: boolean; missing: string[] }> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(10_000) })
  return (await response.json()) as { ok: boolean; missing: string[] }
}
