/**
 * F7: the server is killed and restarted, and the whole fleet reconnects, each device with a new sign-in: plain, then
 * over TLS, under the limits of a real farm. The short form has fewer devices at the same rate.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quantile } from '../../support/generator.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { provision } from '../../support/place.ts'
import { freePort } from '../../../test/support/free-port.ts'
import { atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { startChild } from '../support/child-program.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import type { FleetAnswer, FleetTask } from '../support/fleet.ts'
import { metricOf } from '../support/metrics.ts'
import { startTilth } from '../support/start-tilth.ts'
import { until } from '../support/until.ts'

const FLEET = {
  short: { devices: 1_000, jitterMs: 3_000 },
  long: { devices: 10_000, jitterMs: 30_000 },
}
// after the latest first attempt of a device
const BACK = { plain: { mostMs: 5_000, allMs: 30_000 }, TLS: { mostMs: 15_000, allMs: 60_000 } }

export const f7: FaultLine = {
  name: 'F7',
  fault: 'the server restarts, and a fleet of 10,000 signs in again, plain and over TLS',
  async run(torture) {
    const { devices, jitterMs } = torture.isLong ? FLEET.long : FLEET.short
    torture.log(`F7: ${count(devices)} devices come back within ${jitterMs / 1000} s of a restart`)
    const dataDir = await torture.folder('f7')
    const publishers = await provision(dataDir, { fields: 10, devices, everyS: 1_200, plantedDaysAgo: 1 })
    const devicesPath = join(dataDir, 'fleet.json')
    await writeFile(devicesPath, JSON.stringify(publishers))
    const { certPath, keyPath } = makeCertificate(dataDir)
    const tlsPort = await freePort()
    const tilth = await startTilth(torture, dataDir, {
      env: {
        MQTT_LIMITS: '',
        MQTTS_HOST: '127.0.0.1',
        MQTTS_PORT: String(tlsPort),
        MQTT_TLS_CERT: certPath,
        MQTT_TLS_KEY: keyPath,
      },
    })
    const figures: Figure[] = []
    for (const transport of ['plain', 'TLS'] as const) {
      const isPlain = transport === 'plain'
      const fleet = await startChild<FleetAnswer>(torture, 'fleet', {
        port: isPlain ? tilth.mqttPort : tlsPort,
        caPath: isPlain ? null : certPath,
        devicesPath,
        seed: torture.seed,
        jitterMs,
        withinMs: jitterMs + BACK[transport].allMs + 30_000,
      } satisfies FleetTask)
      await Promise.race([
        until('the fleet is connected', 360_000, () => fleet.output().includes('all up')),
        fleet.done,
      ])
      await tilth.server().end('SIGKILL')
      await tilth.start()
      const { startMs } = tilth.server()
      const reconnection = await fleet.done
      figures.push(...figuresOf(torture, transport, { devices, jitterMs, startMs, back: reconnection }))
      await until('the fleet is gone', 60_000, async () => {
        return (await metricOf(tilth.port, 'tilth_devices_connected')) === 0
      })
    }
    await tilth.server().end('SIGTERM')
    return figures
  },
}

/** Counted from the kill, so the start of the server is included. */
function figuresOf(
  torture: Torture,
  transport: keyof typeof BACK,
  result: { devices: number; jitterMs: number; startMs: number; back: FleetAnswer },
): Figure[] {
  const { devices, jitterMs, startMs, back } = result
  const { mostMs, allMs } = BACK[transport]
  // missing devices count as last
  const times = [...back.backMs, ...Array<number>(back.missing).fill(Infinity)]
  return [
    machineDependent(
      atMost(
        'F7',
        `${transport}: 95 % of ${count(devices)} back`,
        quantile(times, 0.95),
        jitterMs + mostMs,
        seconds,
      ),
    ),
    machineDependent(
      atMost('F7', `${transport}: all back`, times.at(-1) ?? Number.NaN, jitterMs + allMs, seconds),
    ),
    infoFigure(
      'F7',
      `${transport}: the server's own start, failed attempts`,
      `${seconds(startMs)}, ${count(back.failures)}`,
    ),
    ...(torture.isLong
      ? [infoFigure('F7', `${transport}: connected before, in`, seconds(back.firstMs))]
      : []),
  ]
}
