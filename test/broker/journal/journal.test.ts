import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../broker/contract/time.ts'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { silent } from '../rig.ts'

const AT_MS = Date.UTC(2026, 6, 6)
const record = (n: number, device = 'probe1', bytes = 20) => ({
  receivedMs: AT_MS + n,
  org: 'coop',
  device,
  payload: Buffer.alloc(bytes, `${n} `),
})
const letter = (n: number, device = 'probe1') => ({
  ...record(n, device),
  topic: `tilth/v1/coop/${device}/telemetry`,
  reason: 'v: must be 1, got 2',
  bytes: 20,
})

describe('the journal', () => {
  let folder: string
  let path: string
  let journal: BrokerJournal
  const open = (maxBytes?: number) =>
    openJournal({ path, clock: systemClock, log: silent, ...(maxBytes === undefined ? {} : { maxBytes }) })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-journal-'))
    path = join(folder, 'deep', 'journal.db')
    journal = open()
  })
  afterEach(() => {
    void journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('stores acknowledged messages, in order, over a restart', async () => {
    const seqs = await Promise.all([1, 2, 3].map((n) => journal.append(record(n))))
    expect(seqs).toEqual([1, 2, 3])
    void journal.close()
    journal = open()
    expect(journal.head()).toBe(3)
    expect(journal.read(1, 10).map(({ seq, receivedMs, payload }) => [seq, receivedMs, payload[0]])).toEqual([
      [2, AT_MS + 2, '2'.charCodeAt(0)],
      [3, AT_MS + 3, '3'.charCodeAt(0)],
    ])
  })

  it('returns from memory what the file holds, also around a replayed letter', async () => {
    await journal.deadLetter(letter(1))
    await journal.append(record(1))
    await journal.replay(journal.deadLetters({ org: 'coop', limit: 1 })[0]!.id, 'coop')
    await journal.append(record(2))
    await journal.append(record(3))
    const inMemory = [journal.read(0, 10), journal.read(2, 10), journal.read(3, 1)]
    void journal.close()
    journal = open()
    const inFile = [journal.read(0, 10), journal.read(2, 10), journal.read(3, 1)]
    const plain = (batches: typeof inFile) =>
      batches.map((batch) => batch.map((entry) => ({ ...entry, payload: Buffer.from(entry.payload) })))
    expect(plain(inMemory)).toEqual(plain(inFile))
    expect(inFile.map((batch) => batch.length)).toEqual([4, 2, 1])
  })

  it('writes messages that arrive together in one commit and notifies its readers once', async () => {
    const heads: number[] = []
    journal.onCommit((head) => heads.push(head))
    await Promise.all(Array.from({ length: 500 }, (_, n) => journal.append(record(n))))
    expect(heads).toEqual([500])
  })

  it('commits its pending messages when it is closed', async () => {
    const held = journal.append(record(1))
    void journal.close()
    await expect(held).resolves.toBe(1)
    journal = open()
    expect(journal.read(0, 10)).toHaveLength(1)
  })

  it('reports how long a reader has left the oldest record waiting', async () => {
    void journal.close()
    const clock = virtualClock(AT_MS)
    journal = openJournal({ path, clock, log: silent })
    expect(journal.lagMs('ingest')).toBe(0)
    await journal.append(record(1))
    await journal.append(record(2))
    await clock.advanceTo(AT_MS + 60_000)
    expect(journal.lagMs('ingest')).toBe(59_999)
    await journal.checkpoint('ingest', 2, [])
    expect(journal.lagMs('ingest')).toBe(0)
  })

  it('moves a cursor and its notes together and loses neither', async () => {
    await journal.append(record(1))
    await journal.checkpoint('ingest', 1, [['coop/probe1', 'first']])
    await journal.checkpoint('ingest', 1, [['coop/probe2', 'second']])
    await journal.checkpoint('ingest', 1, [['coop/probe1', 'third']])
    void journal.close()
    journal = open()
    expect(journal.cursor('ingest')).toBe(1)
    expect([...journal.notes('ingest')].sort()).toEqual([
      ['coop/probe1', 'third'],
      ['coop/probe2', 'second'],
    ])
    expect(journal.cursor('another')).toBe(0)
  })

  it('keeps a note without a cursor until it is deleted', async () => {
    await journal.putNote('stop', 'one', 'first')
    await journal.putNote('stop', 'two', 'second')
    await journal.putNote('stop', 'one', null)
    void journal.close()
    journal = open()
    expect([...journal.notes('stop')]).toEqual([['two', 'second']])
  })

  it('a note that cannot be written leaves the cursor unchanged', async () => {
    await journal.append(record(1))
    const bad = [['coop/probe1', null]] as unknown as [string, string][]
    await expect(journal.checkpoint('ingest', 1, bad)).rejects.toThrow()
    expect(journal.cursor('ingest')).toBe(0)
    await expect(journal.append(record(2))).resolves.toBe(2)
  })

  it('deletes records that every reader has passed and never reuses a number', async () => {
    await Promise.all(Array.from({ length: 5_000 }, (_, n) => journal.append(record(n))))
    await journal.checkpoint('fast', 5_000, [])
    await journal.checkpoint('slow', 4_990, [])
    journal.trim()
    while (journal.read(0, 1)[0]!.seq !== 4_991) await new Promise(setImmediate)
    await journal.checkpoint('slow', 5_000, [])
    journal.trim()
    while (journal.read(0, 10).length > 1) await new Promise(setImmediate)
    void journal.close()
    journal = open()
    await expect(journal.append(record(1))).resolves.toBe(5_001)
  })

  it('trims nothing before a reader has started', async () => {
    await journal.append(record(1))
    await journal.append(record(2))
    journal.trim()
    await new Promise(setImmediate)
    expect(journal.read(0, 10)).toHaveLength(2)
  })

  it('stores a dead letter once, however often it is added, and lists each organisation its own', async () => {
    await journal.deadLetter(letter(1))
    await journal.deadLetter(letter(1))
    await journal.deadLetter({ ...letter(2), org: 'other' })
    expect(journal.countDeadLetters()).toBe(2)
    expect(journal.deadLetters({ org: 'coop' }).map(({ reason }) => reason)).toEqual(['v: must be 1, got 2'])
    const [first] = journal.deadLetters({})
    expect(journal.deadLetters({ afterId: first!.id })).toHaveLength(1)
  })

  it('shows the start of a long dead letter by default, and its length', async () => {
    await journal.deadLetter({ ...letter(1), payload: Buffer.alloc(50_000, 'a'), bytes: 50_000 })
    for (const query of [{ payloadBytes: 100 }, { org: 'coop', payloadBytes: 100 }])
      expect(journal.deadLetters(query)).toMatchObject([
        { payload: new Uint8Array(Buffer.alloc(100, 'a')), bytes: 50_000 },
      ])
    expect(journal.deadLetters({})[0]!.payload).toHaveLength(50_000)
  })

  it('replays a dead letter at the end of the journal with its first receive time and the instant of the replay, once, for its own organisation', async () => {
    void journal.close()
    journal = openJournal({ path, clock: virtualClock(AT_MS + 60_000), log: silent })
    await journal.append(record(1))
    await journal.deadLetter(letter(7))
    const { id } = journal.deadLetters({})[0]!
    await expect(journal.replay(id, 'other')).resolves.toBe(false)
    await expect(journal.replay(id, 'coop')).resolves.toBe(true)
    await expect(journal.replay(id, 'coop')).resolves.toBe(false)
    expect(journal.countDeadLetters()).toBe(0)
    expect(journal.read(0, 10)).toMatchObject([
      { seq: 1, replayedMs: null },
      { seq: 2, receivedMs: AT_MS + 7, replayedMs: AT_MS + 60_000, device: 'probe1' },
    ])
  })

  it('stores a foreign message raw, with its topic and retain flag, in the same sequence as telemetry', async () => {
    const foreign = { integration: 'tasmota-1', topic: 'tele/box/LWT', isRetained: true }
    await journal.append(record(1))
    await journal.append({ ...record(2, 'tasmota-1', 0), foreign })
    await journal.append({ ...record(3, 'tasmota-1'), foreign: { ...foreign, topic: '', isRetained: false } })
    void journal.close()
    journal = open()
    expect(journal.read(0, 10)).toMatchObject([
      { seq: 1, device: 'probe1', foreign: null },
      { seq: 2, org: 'coop', payload: new Uint8Array(0), foreign },
      { seq: 3, foreign: { integration: 'tasmota-1', topic: '', isRetained: false } },
    ])
  })

  it('replays a foreign dead letter as the foreign message that it was', async () => {
    const foreign = { integration: 'tasmota-1', topic: 'tele/box/SENSOR', isRetained: false }
    const { reason, bytes } = letter(1)
    const topic = foreign.topic
    await journal.deadLetter({ ...record(4, 'tasmota-1'), topic, reason, bytes, foreign })
    // a topic like that of telemetry does not make it telemetry
    const like = { ...foreign, topic: letter(1).topic, isRetained: true }
    await journal.deadLetter({ ...record(5, 'tasmota-1'), topic: like.topic, reason, bytes, foreign: like })
    expect(journal.deadLetters({}).map((kept) => kept.foreign)).toEqual([foreign, like])
    await expect(journal.replayAll({ org: 'coop' })).resolves.toMatchObject({ replayed: 2, left: 0 })
    expect(journal.read(0, 10)).toMatchObject([
      { receivedMs: AT_MS + 4, replayedMs: expect.any(Number) as number, foreign },
      { receivedMs: AT_MS + 5, foreign: like },
    ])
  })

  it('erases the messages of an integration, and leaves those of another', async () => {
    for (const integration of ['tasmota-1', 'tasmota-2']) {
      const foreign = { integration, topic: 'tele/box/SENSOR', isRetained: false }
      await journal.append({ ...record(1, integration), foreign })
      await journal.deadLetter({ ...letter(1, integration), topic: foreign.topic, foreign })
    }
    await journal.append(record(1))
    await journal.checkpoint('ingest', 2, [])
    await journal.erase('coop', ['tasmota-1'])
    expect(journal.read(0, 10).map(({ device }) => device)).toEqual(['tasmota-2', 'probe1'])
    expect(journal.deadLetters({}).map(({ device }) => device)).toEqual(['tasmota-2'])
  })

  it('does not replay a truncated dead letter', async () => {
    await journal.deadLetter({ ...letter(1), payload: Buffer.alloc(70_000), bytes: 10_000_000 })
    const [kept] = journal.deadLetters({})
    expect([kept!.payload.length, kept!.bytes]).toEqual([65_536, 10_000_000])
    await expect(journal.replay(kept!.id, 'coop')).resolves.toBe(false)
  })

  it('one broken device cannot displace the dead letters of the others', async () => {
    await journal.deadLetter(letter(0, 'quiet'))
    await Promise.all(Array.from({ length: 1_500 }, (_, n) => journal.deadLetter(letter(n, 'broken'))))
    const devices = journal.deadLetters({ limit: 10_000 }).map(({ device }) => device)
    expect(devices.filter((device) => device === 'quiet')).toHaveLength(1)
    expect(devices.filter((device) => device === 'broken')).toHaveLength(1_000)
  })

  it('one device cannot fill the disk with large dead letters: its oldest are deleted beyond 4 MiB', async () => {
    await journal.deadLetter(letter(0, 'quiet'))
    for (let n = 0; n < 200; n++)
      await journal.deadLetter({
        ...letter(n, 'broken'),
        payload: Buffer.alloc(65_536, `${n} `),
        bytes: 65_536,
      })
    const kept = journal.deadLetters({ limit: 1_000 })
    expect(kept.filter(({ device }) => device === 'quiet')).toHaveLength(1)
    const bytes = kept.reduce((sum, { payload }) => sum + payload.length, 0)
    expect(bytes).toBeLessThanOrEqual(4 * 1024 * 1024 + 50 * 65_536)
    expect(kept.at(-1)!.receivedMs).toBe(AT_MS + 199)
  })

  it('replays every complete dead letter of an organisation, in order, and leaves the others in place', async () => {
    await Promise.all(Array.from({ length: 250 }, (_, n) => journal.deadLetter(letter(n))))
    await journal.deadLetter({ ...letter(300), payload: Buffer.alloc(0), bytes: 90_000 })
    await journal.deadLetter({ ...letter(301), org: 'other' })
    await expect(journal.replayAll({ org: 'coop' })).resolves.toEqual({
      replayed: 250,
      left: 1,
      nextAfterId: null,
    })
    expect(journal.deadLetters({}).map(({ receivedMs }) => receivedMs - AT_MS)).toEqual([300, 301])
    const back = journal.read(0, 1_000)
    expect(back.map(({ receivedMs }) => receivedMs - AT_MS)).toEqual(Array.from({ length: 250 }, (_, n) => n))
    await expect(journal.replayAll({ org: 'coop' })).resolves.toMatchObject({ replayed: 0, left: 1 })
  })

  it('replays some thousands per call, and returns the position of the next', async () => {
    // a device keeps a thousand letters
    const buried = Array.from({ length: 5_400 }, (_, n) => journal.deadLetter(letter(n, `probe${n % 6}`)))
    await Promise.all(buried)
    const first = await journal.replayAll({ org: 'coop' })
    expect(first).toMatchObject({ replayed: 5_000, left: 0 })
    const { nextAfterId } = first
    const second = await journal.replayAll({ org: 'coop', afterId: nextAfterId! })
    expect(second).toEqual({ replayed: 400, left: 0, nextAfterId: null })
    expect(journal.countDeadLetters()).toBe(0)
  })

  it('replays those of one device alone, and ends even if each dead letter returns as a new one', async () => {
    await Promise.all(Array.from({ length: 150 }, (_, n) => journal.deadLetter(letter(n))))
    await journal.deadLetter(letter(1, 'probe2'))
    // a reader that buries again at once what it reads
    journal.onCommit((head) => {
      const [again] = journal.read(head - 1, 1)
      if (again!.replayedMs !== null) void journal.deadLetter(letter(again!.receivedMs - AT_MS))
    })
    await expect(journal.replayAll({ org: 'coop', device: 'probe1' })).resolves.toEqual({
      replayed: 150,
      left: 0,
      nextAfterId: null,
    })
    const devices = journal.deadLetters({ limit: 1_000 }).map(({ device }) => device)
    expect(devices.filter((device) => device === 'probe2')).toHaveLength(1)
  })

  it('replays those whose reason begins with a text, in which % and _ stand for themselves', async () => {
    const reasons = ['profile a@1: moisture', 'profile a@1: ec', 'profile a@10: ec', 'profile a_1: ec']
    for (const [n, reason] of reasons.entries()) await journal.deadLetter({ ...letter(n), reason })
    const replay = (reasonStart: string) => journal.replayAll({ org: 'coop', reasonStart })
    await expect(replay('profile a_1:')).resolves.toMatchObject({ replayed: 1 })
    await expect(replay('profile %')).resolves.toMatchObject({ replayed: 0 })
    await expect(replay('profile a@1: ')).resolves.toMatchObject({ replayed: 2 })
    expect(journal.deadLetters({}).map(({ reason }) => reason)).toEqual(['profile a@10: ec'])
  })

  it('erases a device for good: its dead letters, its notes and the records that were passed', async () => {
    const secret = 'the farm by the river'
    const said = (device: string) => ({ ...record(1, device), payload: Buffer.from(`${secret} ${device}`) })
    await journal.append(said('gone'))
    await journal.append(said('stays'))
    await journal.append(said('gone'))
    for (const device of ['gone', 'stays'])
      await journal.deadLetter({ ...letter(1, device), payload: Buffer.from(secret), bytes: secret.length })
    await journal.checkpoint('ingest', 3, [
      ['coop/gone', `${secret} gone`],
      ['coop/stays', 'kept'],
    ])
    const told: string[] = []
    journal.onErase((org, device) => told.push(`${org}/${device}`))
    await journal.erase('coop', ['gone'])
    expect(told).toEqual(['coop/gone'])
    expect(journal.read(0, 10).map(({ seq, device }) => [seq, device])).toEqual([[2, 'stays']])
    expect(journal.deadLetters({}).map(({ device }) => device)).toEqual(['stays'])
    expect([...journal.notes('ingest')]).toEqual([['coop/stays', 'kept']])
    expect(readFileSync(path).includes(`${secret} gone`)).toBe(false)
    expect(readFileSync(`${path}-wal`).includes(`${secret} gone`)).toBe(false)
    expect(readFileSync(path).includes(`${secret} stays`)).toBe(true)
    void journal.close()
    journal = open()
    await expect(journal.append(record(1))).resolves.toBe(4)
  })

  it('does not erase records that a reader has yet to pass', async () => {
    await journal.append(record(1))
    await journal.append(record(2))
    await journal.checkpoint('ingest', 1, [])
    await journal.erase('coop', ['probe1'])
    expect(journal.read(0, 10).map(({ seq }) => seq)).toEqual([2])
  })

  it('a full disk acknowledges nothing and recovers by itself when there is room', async () => {
    void journal.close()
    journal = open(400_000) // SQLite itself answers SQLITE_FULL at this size
    const kept: number[] = []
    let waiting: Promise<number>
    for (let n = 0; ; n++) {
      waiting = journal.append(record(n, 'probe1', 10_000))
      const answer = await Promise.race([
        waiting,
        new Promise<null>((resolve) => setTimeout(resolve, 100, null)),
      ])
      if (answer === null) break
      kept.push(answer)
    }
    expect(kept.length).toBeGreaterThan(10)
    expect(journal.head()).toBe(kept.length)
    await journal.checkpoint('ingest', journal.head(), [])
    journal.trim()
    await expect(waiting).resolves.toBe(kept.length + 1)
    expect(journal.read(kept.length, 10)).toHaveLength(1)
  })

  it('delays no client longer than 10 s, however many wait, and later messages are still pending', async () => {
    void journal.close()
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'setImmediate'] })
    try {
      journal = open(100_000)
      journal.append(record(0, 'probe1', 200_000)).catch(() => {}) // more than the file may hold
      const outcomes = { early: 0, late: 0 }
      const hold = (which: 'early' | 'late', count: number) =>
        Array.from({ length: count }, (_, n) =>
          journal.append(record(n, 'probe1', 10)).catch(() => void outcomes[which]++),
        )
      void Promise.all(hold('early', 5_000))
      await vi.advanceTimersByTimeAsync(5_000)
      expect(journal.isFailing()).toBe(true)
      void Promise.all(hold('late', 100))
      await vi.advanceTimersByTimeAsync(4_900)
      expect(outcomes).toEqual({ early: 0, late: 0 })
      await vi.advanceTimersByTimeAsync(400)
      expect(outcomes).toEqual({ early: 5_000, late: 0 })
    } finally {
      vi.useRealTimers()
    }
  })

  it('reports that it is full before it refuses, and when there is room again', async () => {
    let rooms = 0
    journal.onDrain(() => rooms++)
    const held = Array.from({ length: 16_000 }, (_, n) => journal.append(record(n)))
    expect(journal.isFull()).toBe(true)
    held.push(...Array.from({ length: 5_000 }, (_, n) => journal.append(record(n))))
    const outcomes = await Promise.allSettled(held)
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
    expect(refused).toHaveLength(1_000) // 20,000 are held (reliability: bounded holding)
    expect(refused[0]!.reason).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(journal.isFull()).toBe(false)
    expect(rooms).toBe(1)
  })

  it('refuses a damaged file by its name and leaves it unchanged', () => {
    void journal.close()
    const damaged = join(folder, 'damaged.db')
    writeFileSync(damaged, 'this was a journal once, and now it is not'.repeat(500))
    const before = readFileSync(damaged)
    const opening = () => openJournal({ path: damaged, clock: systemClock, log: silent })
    expect(opening).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
    expect(opening).toThrow(/damaged\.db is damaged .* Tilth has not touched it/)
    expect(readFileSync(damaged).equals(before)).toBe(true)
    journal = open()
  })

  it('has one owner: a record that a second one would number twice is refused, not lost', async () => {
    const second = open()
    await journal.append(record(1))
    await expect(second.append(record(2))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    void second.close()
    expect(journal.read(0, 10)).toHaveLength(1)
  })
})
