/** Disk space of readings: in the series permanently, and in the journal while their store is unavailable. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS, MINUTE_MS, systemClock } from '../../broker/contract/time.ts'
import { openJournal } from '../../broker/journal/journal.ts'
import { openSqliteSeries } from '../../services/adapters/sqlite/series.ts'
import type { Reading } from '../../services/ports.ts'
import type { Bench } from '../support/bench.ts'
import { count, infoFigure, type Figure } from '../support/report.ts'

const DEVICES = 20
const EVERY_MS = 20 * MINUTE_MS
const DAYS = 60
const SERIES = [
  ['soil.moisture', 10],
  ['soil.moisture', 30],
  ['soil.temperature', 30],
  ['air.temperature', null],
  ['air.humidity', null],
  ['device.battery', null],
] as const
const MESSAGES = 20_000
const START_MS = Date.UTC(2026, 5, 1)

export async function space(bench: Bench): Promise<Figure[]> {
  bench.log(
    `space: ${DEVICES} probes of ${SERIES.length} series for ${DAYS} days, and ${count(MESSAGES)} messages`,
  )
  const folder = await bench.folder('space')
  const perReading = await ofSeries(join(folder, 'series.db'))
  const perMessage = await ofJournal(join(folder, 'journal.db'))
  const messagesADay = (DEVICES * DAY_MS) / EVERY_MS
  const kib = (bytes: number) => `${count(bytes / 1024)} KiB`
  return [
    infoFigure('space', 'a reading in the series (SQLite)', `${perReading.toFixed(0)} bytes`),
    infoFigure('space', 'a message of 6 readings in the journal', `${perMessage.toFixed(0)} bytes`),
    infoFigure('space', '20 probes every 20 minutes, a day', kib(messagesADay * SERIES.length * perReading)),
    infoFigure('space', 'the same while the series are unavailable, a day', kib(messagesADay * perMessage)),
  ]
}

/** With roll-ups, after a month at rest. */
async function ofSeries(path: string): Promise<number> {
  const series = await openSqliteSeries(path)
  let readings = 0
  for (let day = 0; day < DAYS; day++) {
    const readingsOfDay = readingsOf(START_MS + day * DAY_MS)
    await series.append(readingsOfDay)
    readings += readingsOfDay.length
    await series.maintain(START_MS + (day + 1) * DAY_MS)
  }
  for (let i = 0; i < 200; i++) await series.maintain(START_MS + (DAYS + 30) * DAY_MS)
  await series.close()
  return statSync(path).size / readings
}

function readingsOf(dayMs: number): Reading[] {
  return Array.from({ length: (DEVICES * DAY_MS) / EVERY_MS }, (_, i) => i).flatMap((i) =>
    SERIES.map(([quantity, depthCm], q): Reading => {
      const device = i % DEVICES
      const atMs = dayMs + Math.floor(i / DEVICES) * EVERY_MS + device * 1_000
      return {
        org: 'coop',
        farm: 'farm-1',
        field: `field-${device}`,
        device: `probe-${device}`,
        quantity,
        depthCm,
        atMs,
        value: 20 + 5 * Math.sin(atMs / 1e7 + q),
        flag: 1,
        origin: 'measured',
      }
    }),
  )
}

async function ofJournal(path: string): Promise<number> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const journal = openJournal({ path, clock: systemClock, log })
  const payload = (n: number) =>
    Buffer.from(
      JSON.stringify({
        v: 1,
        n,
        boot: 17,
        monoMs: n * EVERY_MS,
        time: new Date(START_MS + n * EVERY_MS).toISOString(),
        measurements: [
          { soil: { depth: 10, moisture: 21.4 } },
          { soil: { depth: 30, moisture: 23.1, temperature: 19.2 } },
          { air: { location: 'outdoor', temperature: 24.1, relativeHumidity: 71 } },
        ],
        battery: 3.61,
      }),
    )
  const device = (n: number) => `probe-${n % DEVICES}`
  for (let n = 0; n < MESSAGES; n += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        journal.append({ receivedMs: START_MS, org: 'coop', device: device(n + i), payload: payload(n + i) }),
      ),
    )
  const { usedBytes } = journal.capacity()
  void journal.close()
  return usedBytes / MESSAGES
}
