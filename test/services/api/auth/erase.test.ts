/** A farm is erased while its readings are still on their way: API and ingest on the same journal, rows and series. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startIngest, type Ingest } from '../../../../services/ingest/ingest.ts'
import type { Reading } from '../../../../services/ports.ts'
import { silent } from '../../../broker/rig.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

describe('the erasure of a farm', () => {
  let tilth: TestApi
  let ingest: Ingest
  let admin: string
  /** Holds what ingest appends until the gate opens, as a slow store does. */
  let gate: Promise<void>
  let openGate: () => void
  let appends: number

  beforeEach(async () => {
    tilth = await startTestApi()
    admin = await tilth.signUp('akane', 'admin')
    await plantFarm(tilth.state, 'akane')
    gate = Promise.resolve()
    openGate = () => {}
    appends = 0
    const { journal, series, state, bus, clock } = tilth
    const slowly = {
      async append(readings: readonly Reading[]) {
        appends++
        await gate
        await series.append(readings)
      },
    }
    ingest = await startIngest({ journal, series: slowly, state, bus, clock, log: silent })
  })
  afterEach(async () => {
    openGate()
    await ingest.stop()
    await tilth.stop()
  })

  async function send(n: number): Promise<void> {
    const measurements = [{ soil: { depth: 30, moisture: 21.4 } }]
    const message = { v: 1, n, boot: 1, monoMs: n, time: new Date(NOW_MS - 60_000 + n).toISOString() }
    const payload = Buffer.from(JSON.stringify({ ...message, measurements }))
    const from = { org: 'akane', device: 'akane-probe', receivedMs: tilth.clock.now() - 1 }
    await tilth.journal.append({ ...from, payload })
  }
  const closeGate = () => void (gate = new Promise((resolve) => (openGate = resolve)))
  const erase = () => tilth.call(admin, 'DELETE', '/api/farms/akane-farm', { name: 'akane Sato' })
  async function stored(): Promise<Reading[]> {
    const all: Reading[] = []
    for await (const reading of tilth.series.stream({ org: 'akane' })) all.push(reading)
    return all
  }

  it('includes readings that reach the series while it is in progress', async () => {
    await send(1)
    await ingest.settled()
    expect(await stored()).toMatchObject([{ farm: 'akane-farm', value: 21.4 }])
    closeGate()
    await send(2)
    await send(3)
    while (appends < 2) await new Promise(setImmediate)
    const { series } = tilth
    const eraseSeries = series.erase.bind(series)
    series.erase = async (query) => {
      const count = await eraseSeries(query)
      openGate()
      return count
    }
    expect((await erase()).status).toBe(200)
    await ingest.settled()
    expect(await stored()).toEqual([])
    const { detail } = await tilth.state
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'farm.erase')
      .executeTakeFirstOrThrow()
    expect(JSON.parse(detail)).toEqual({ readings: 3 })
  })

  it('includes its data in the journal: messages, the state of ingest, dead letters', async () => {
    await send(1)
    await send(1)
    await tilth.journal.deadLetter({
      receivedMs: NOW_MS,
      org: 'akane',
      device: 'akane-probe',
      reason: 'broken',
      bytes: 2,
      topic: 'tilth/v1/akane/akane-probe/telemetry',
      payload: Buffer.from('{"'),
    })
    await ingest.settled()
    expect([...tilth.journal.notes('ingest').keys()]).toEqual(['akane/akane-probe'])
    expect((await erase()).status).toBe(200)
    expect([...tilth.journal.notes('ingest')]).toEqual([])
    expect(tilth.journal.deadLetters({})).toEqual([])
    expect(tilth.journal.read(0, 10)).toEqual([])
    // another farm gives the name to a new probe, whose numbers begin where they like
    await plantFarm(tilth.state, 'akane')
    await tilth.bus.settled()
    await send(1)
    await ingest.settled()
    expect(await stored()).toMatchObject([{ device: 'akane-probe', value: 21.4 }])
  })

  it('is not undone by a later message', async () => {
    await send(1)
    await ingest.settled()
    expect((await erase()).status).toBe(200)
    await tilth.bus.settled()
    await send(2)
    await ingest.settled()
    expect(await stored()).toEqual([])
    expect(tilth.journal.deadLetters({}).map(({ reason }) => reason)).toEqual([
      'device: akane-probe is not known in akane',
    ])
  })

  it('is reported as incomplete while earlier readings cannot be stored, and can be repeated', async () => {
    closeGate()
    await send(1)
    expect(await erase()).toMatchObject({ status: 503, body: { error: 'STORE_UNAVAILABLE' } })
    openGate()
    await ingest.settled()
    expect((await erase()).status).toBe(200)
    await ingest.settled()
    expect(await stored()).toEqual([])
  }, 30_000)
})
