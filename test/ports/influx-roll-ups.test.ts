/** Events between two steps of the roll-ups on InfluxDB: here the test decides when each response arrives. */
import { expect, it } from 'vitest'
import { DAY_MS } from '../../broker/contract/time.ts'
import type { InfluxPoint, InfluxRow } from '../../services/adapters/influx/client.ts'
import { createRollUps } from '../../services/adapters/influx/roll-ups.ts'
import { reading } from './series-readings.ts'

const T0 = Date.UTC(2026, 6, 6)

/** One after another, as the store does it. */
function inTurn() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(step: () => Promise<T>): Promise<T> => {
    const run = last.then(step)
    last = run.catch(() => undefined)
    return run
  }
}

it('a reading from before the first one, written during that query, makes its day due', async () => {
  const written: InfluxPoint[] = []
  let isAsked = (): void => {}
  const request = new Promise<void>((resolve) => (isAsked = resolve))
  let answerFirst = (_: InfluxRow[]): void => {}
  const first = new Promise<InfluxRow[]>((resolve) => (answerFirst = resolve))
  const rollUps = createRollUps({
    write: async (points) => void written.push(...points),
    query: async (statement) => {
      if (!statement.startsWith('SELECT first(')) return []
      isAsked()
      return first
    },
    erase: async () => {},
    close: () => {},
  })
  const alone = inTurn()
  await rollUps.markChanged([reading({ org: 'org', atMs: T0 + 20 * DAY_MS, value: 1 })])
  const rolling = rollUps.roll(T0 + 22 * DAY_MS, alone)
  await request
  const appending = alone(() => rollUps.markChanged([reading({ org: 'org', atMs: T0, value: 1 })]))
  await new Promise(setImmediate)
  answerFirst([{ name: 'soil.moisture', tags: {}, columns: [], values: [[T0 + 20 * DAY_MS, 1]] }])
  await Promise.all([rolling, appending])
  expect(written.filter(({ measurement }) => measurement === '~due')[0]).toMatchObject({
    atMs: T0,
    floats: { due: 1 },
  })
})
