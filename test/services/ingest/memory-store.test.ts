/** What ingest remembers of devices in the state store: another machine goes on where the lost one was. */
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { startIngest, type Ingest } from '../../../services/ingest/ingest.ts'
import { stateMemories } from '../../../services/ingest/memory-store.ts'
import { silent } from '../../broker/rig.ts'
import { NOON, startIngestRig, type IngestRig } from './rig.ts'

describe('memories in the state store', () => {
  let rig: IngestRig
  let folder: string
  let other: { journal: BrokerJournal; ingest: Ingest } | null
  beforeEach(async () => {
    rig = await startIngestRig({ memories: stateMemories })
    await rig.addDevice()
    folder = mkdtempSync(join(tmpdir(), 'tilth-other-machine-'))
    other = null
  })
  afterEach(async () => {
    await other?.ingest.stop()
    await other?.journal.close()
    await rig.stop()
    rmSync(folder, { recursive: true })
  })

  /** Rain as a gauge counts it: a total that starts again at 0 when the gauge has no power. */
  const message = (n: number, totalMm: number) =>
    JSON.stringify({
      v: 1,
      n,
      boot: 1,
      monoMs: n * MINUTE_MS,
      time: new Date(NOON - 60 * MINUTE_MS + n * MINUTE_MS).toISOString(),
      measurements: [{ metering: { water: { total: totalMm } }, tilth: { valve: 'V1' } }],
    })
  const append = (journal: BrokerJournal, ...messages: string[]) =>
    Promise.all(
      messages.map((text) =>
        journal.append({
          org: 'coop',
          device: 'probe1',
          receivedMs: rig.clock.now(),
          payload: Buffer.from(text),
        }),
      ),
    )
  const totals = async () => (await rig.stored()).map(({ value }) => value)

  it('are those of the machine before, when its journal is lost: the total of a meter goes on, repeats count once', async () => {
    await append(rig.brokerRig.journal, message(1, 1_000), message(2, 1_250), message(3, 30))
    await rig.ingest().settled()
    // the meter started again at 0 before the third
    expect(await totals()).toEqual([1_000, 1_250, 1_280])
    await rig.ingest().stop()

    const journal = openJournal({ path: join(folder, 'journal.db'), clock: rig.clock, log: silent })
    const { state, series, bus, clock } = rig
    const memoryStore = stateMemories(state, journal)
    const ingest = await startIngest({ journal, series, state, bus, clock, log: silent, memoryStore })
    other = { journal, ingest }
    // the broker delivers again what it has no acknowledgement of
    await append(journal, message(2, 1_250), message(3, 30), message(4, 80))
    await ingest.settled()
    expect(await totals()).toEqual([1_000, 1_250, 1_280, 1_330])
    expect(ingest.counters()).toMatchObject({ duplicates: 2, numbersRestarted: 0, missing: 0 })
  })

  it('are replaced, one for each device, and the journal holds none', async () => {
    await append(rig.brokerRig.journal, message(1, 1_000))
    await rig.ingest().settled()
    await append(rig.brokerRig.journal, message(2, 1_010))
    await rig.ingest().settled()
    const notes = await rig.state.selectFrom('ingestNote').select(['org', 'deviceId']).execute()
    expect(notes).toEqual([{ org: 'coop', deviceId: 'probe1' }])
    expect([...rig.brokerRig.journal.notes('ingest')]).toEqual([])
  })

  it('a message is acknowledged once it is in the series and the memory is written', async () => {
    let isAway = true
    rig.fault.before = () => {
      if (isAway) throw new Error('away')
    }
    await append(rig.brokerRig.journal, message(1, 1_000))
    let isStored = false
    const stored = rig
      .ingest()
      .untilStored()
      .then(() => (isStored = true))
    await rig.ingest().settled()
    expect(isStored).toBe(false)
    isAway = false
    await expect
      .poll(async () => {
        await rig.clock.advanceTo(rig.clock.now() + 1_000)
        return isStored
      })
      .toBe(true)
    await stored
    expect(await totals()).toEqual([1_000])
    expect(await rig.state.selectFrom('ingestNote').select('deviceId').execute()).toHaveLength(1)
  })
})
