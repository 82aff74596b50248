/** Rejected messages in the state store: the machine that takes over has those of the lost one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { keepDeadLetterCopies, type DeadLetterCopies } from '../../../services/ingest/dead-letter-copies.ts'
import { silent } from '../../broker/rig.ts'
import { openTestState } from '../../support/state.ts'

describe('copies of rejected messages', () => {
  let folder: string
  let store: Awaited<ReturnType<typeof openTestState>>
  let engines: { journal: BrokerJournal; copies: DeadLetterCopies }[]
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-letters-'))
    store = await openTestState()
    engines = []
  })
  afterEach(async () => {
    for (const engine of engines) await end(engine)
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const journalOf = (node: string) =>
    openJournal({ path: join(folder, `${node}.db`), clock: systemClock, log: silent })
  const copiesOf = (node: string, journal: BrokerJournal) =>
    keepDeadLetterCopies({ state: store.state, journal, node, log: silent })
  /** At work, as one engine is at a time. */
  async function start(node: string) {
    const journal = journalOf(node)
    const engine = { journal, copies: copiesOf(node, journal) }
    engines.push(engine)
    await engine.copies.copied()
    return engine
  }
  async function end(engine: { journal: BrokerJournal; copies: DeadLetterCopies }): Promise<void> {
    engines = engines.filter((other) => other !== engine)
    await engine.copies.stop()
    await engine.journal.close()
  }
  const reject = (journal: BrokerJournal, reason: string, isForeign = false) =>
    journal.deadLetter({
      receivedMs: 1_000,
      org: 'coop',
      device: 'soil-1',
      topic: isForeign ? 'up/7' : 'tilth/v1/coop/soil-1/telemetry',
      reason,
      payload: Buffer.from([0, 255, ...Buffer.from(reason)]),
      bytes: 2 + reason.length,
      foreign: isForeign ? { integration: 'soil-1', topic: 'up/7', isRetained: true } : null,
    })
  const lettersIn = (journal: BrokerJournal) => journal.deadLetters({}).map(({ id: _, ...letter }) => letter)
  const copied = async () =>
    (await store.state.selectFrom('deadLetter').select(['node', 'reason']).orderBy('reason').execute()).map(
      ({ node, reason }) => `${node} ${reason}`,
    )

  it('are in the store when the message may be acknowledged, and go with the message', async () => {
    const office = await start('office')
    await reject(office.journal, 'a')
    await Promise.all([office.copies.copied(), office.copies.copied()])
    expect(await copied()).toEqual(['office a'])
    await reject(office.journal, 'b')
    await office.copies.copied()
    expect(await copied()).toEqual(['office a', 'office b'])
    await office.journal.discardAll({ org: 'coop', reason: 'a', upToId: 10 })
    await end(office)
    await start('office')
    expect(await copied()).toEqual(['office b'])
  })

  it('another machine takes them over whole, the first has them no more when it is back, and keeps what was not copied', async () => {
    const office = await start('office')
    await reject(office.journal, 'a')
    await reject(office.journal, 'b', true)
    await office.copies.copied()
    const before = lettersIn(office.journal)
    await office.copies.stop()
    await reject(office.journal, 'c')
    // a crash
    engines = []
    await office.journal.close()

    const barn = await start('barn')
    expect(lettersIn(barn.journal)).toEqual(before)
    expect(await copied()).toEqual(['barn a', 'barn b'])
    await barn.journal.discardAll({ org: 'coop', reason: 'a', upToId: 10 })
    await end(barn)

    const again = await start('office')
    expect(lettersIn(again.journal).map(({ reason }) => reason)).toEqual(['c', 'b'])
    expect(await copied()).toEqual(['office b', 'office c'])
  })
})
