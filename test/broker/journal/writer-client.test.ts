/** The journal with a thread for its writes: the same promises, and an event loop that never waits for the disk. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, readPragma } from '../../../broker/sqlite/database.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { connectJournalFile, openJournalFile } from '../../../broker/journal/journal-file.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { callWriter, threadWriter } from '../../../broker/journal/writer-client.ts'
import { silent } from '../rig.ts'

const AT_MS = Date.UTC(2026, 6, 6)
const record = (n: number, bytes = 20) => ({
  receivedMs: AT_MS + n,
  org: 'coop',
  device: `probe${n % 7}`,
  payload: Buffer.alloc(bytes, `${n} `),
})
const letter = (n: number) => ({
  ...record(n),
  device: 'probe1',
  topic: 'tilth/v1/coop/probe1/telemetry',
  reason: 'v: must be 1, got 2',
  bytes: 20,
})

describe('the journal with a thread', () => {
  let folder: string
  let path: string
  let journal: BrokerJournal
  const open = (maxBytes?: number) =>
    openJournal({
      path,
      clock: systemClock,
      log: silent,
      hasThread: true,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-journal-'))
    path = join(folder, 'journal.db')
    journal = open()
  })
  afterEach(async () => {
    await journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('stores messages, letters, cursors and notes, and reads what is committed', async () => {
    const heads: number[] = []
    journal.onCommit((head) => heads.push(head))
    const seqs = await Promise.all(Array.from({ length: 500 }, (_, n) => journal.append(record(n, n % 90))))
    expect(seqs).toEqual(Array.from({ length: 500 }, (_, n) => n + 1))
    expect(heads.at(-1)).toBe(500)
    expect(journal.read(0, 1_000).map(({ payload }) => Buffer.from(payload))).toEqual(
      seqs.map((_, n) => record(n, n % 90).payload),
    )
    await Promise.all([
      journal.deadLetter(letter(1)),
      journal.deadLetter(letter(2)),
      journal.append(record(9)),
    ])
    expect(journal.countDeadLetters()).toBe(2)
    await journal.checkpoint('ingest', 500, [['coop/probe1', 'note']])
    expect([journal.cursor('ingest'), ...journal.notes('ingest')]).toEqual([500, ['coop/probe1', 'note']])
    const [first, second] = journal.deadLetters({})
    await expect(journal.replay(first!.id, 'coop')).resolves.toBe(true)
    await expect(journal.discard(second!.id, 'coop')).resolves.toBe(true)
    await expect(journal.discard(second!.id, 'coop')).resolves.toBe(false)
    expect(journal.read(501, 10)).toMatchObject([{ seq: 502, replayedMs: expect.any(Number) as number }])
    await journal.erase('coop', ['probe1'])
    expect(journal.read(0, 1_000).every(({ seq, device }) => seq > 500 || device !== 'probe1')).toBe(true)
    expect(journal.notes('ingest').size).toBe(0)
  })

  it('commits the pending messages when it is closed, before the event loop runs again', async () => {
    const held = Array.from({ length: 2_500 }, (_, n) => journal.append(record(n)))
    const closed = journal.close()
    const stored = openDatabase(path, { readOnly: true })
    expect(stored.prepare('select count(*) as n from record').get()).toEqual({ n: 2_500 })
    stored.close()
    await expect(Promise.all(held)).resolves.toHaveLength(2_500)
    await expect(journal.append(record(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await closed
  })

  it('leaves one file, which is the whole journal, when it is closed', async () => {
    await journal.append(record(1))
    await journal.close()
    expect(readdirSync(folder)).toEqual(['journal.db'])
    journal = open()
    expect(journal.read(0, 10)).toHaveLength(1)
  })

  it('writes messages that arrive one by one in few commits', async () => {
    await journal.append(record(0))
    let commits = 0
    journal.onCommit(() => commits++)
    const writing: Promise<number>[] = []
    for (let n = 1; n <= 1_000; n++) {
      writing.push(journal.append(record(n)))
      await new Promise(setImmediate)
    }
    expect(await Promise.all(writing)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 2))
    expect(commits).toBeLessThan(100)
  })

  it('has commits that wait for the disk on both connections (synchronous: 2 FULL)', () => {
    const connection = connectJournalFile({ path })
    expect(readPragma(connection, 'synchronous')).toBe(2)
    connection.close()
    const first = openJournalFile({ path: join(folder, 'other.db') })
    expect(readPragma(first, 'synchronous')).toBe(2)
    first.close()
  })

  it('acknowledges nothing while the file is full, trims, and recovers by itself', async () => {
    await journal.close()
    journal = open(400_000)
    await journal.append(record(0, 10_000)) // from here on the thread runs
    let waiting = journal.append(record(1, 10_000))
    let stored = 1
    for (; ; waiting = journal.append(record(++stored, 10_000))) {
      const isStored = await Promise.race([
        waiting.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 300, false)),
      ])
      if (!isStored) break
    }
    expect(journal.isFailing()).toBe(true)
    await journal.checkpoint('ingest', journal.head(), [])
    journal.trim()
    await expect(waiting).resolves.toBe(stored + 1)
  })
})

it('a thread that ends by itself fails every call, and its error ends the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilth-journal-'))
  const path = join(folder, 'journal.db')
  writeFileSync(path, 'this is not a journal'.repeat(1_000))
  const uncaught = new Promise<Error>((resolve) => {
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => {
      for (const listener of others) process.on('uncaughtException', listener)
      resolve(error)
    })
  })
  const writer = threadWriter({ path })
  const call = callWriter(writer, 'drop', 1)
  await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await expect(uncaught).resolves.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await expect(callWriter(writer, 'drop', 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  writer.settle()
  await writer.close()
  rmSync(folder, { recursive: true })
})
