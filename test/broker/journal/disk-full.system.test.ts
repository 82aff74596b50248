/** A disk that another program fills to the last byte, and gives back: a real one, of 16 MiB. */
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDatabase } from '../../../broker/sqlite/database.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { watchDiskSpace, RESERVE_NAME, type DiskSpace } from '../../../broker/journal/disk-space.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import type { Log } from '../../../broker/log.ts'
import { describeOnSmallDisk, mountTmpfs, type Tmpfs } from '../../support/tmpfs.ts'

const MiB = 1024 * 1024
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const record = (n: number, bytes = 1_000) => ({
  receivedMs: Date.UTC(2026, 6, 6) + n,
  org: 'coop',
  device: 'probe1',
  payload: Buffer.alloc(bytes, `${n} `),
})

describeOnSmallDisk()('a full disk', () => {
  let tmpfs: Tmpfs
  let disk: DiskSpace
  let journal: BrokerJournal
  let reserve: string

  beforeEach(async () => {
    tmpfs = mountTmpfs(16 * MiB)!
    reserve = join(tmpfs.folder, RESERVE_NAME)
    disk = watchDiskSpace({ folder: tmpfs.folder, log: silent })
    await disk.settled()
    journal = openJournal({ path: join(tmpfs.folder, 'journal.db'), clock: systemClock, log: silent, disk })
  })
  afterEach(async () => {
    vi.useRealTimers()
    void journal.close()
    await disk.close()
    tmpfs.unmount()
  })

  const isHeld = () => statSync(reserve, { throwIfNoEntry: false })?.size === Math.floor((16 * MiB) / 20)

  it('acknowledges nothing, leaves the reserve to the state store, and recovers by itself when space returns', async () => {
    expect(isHeld()).toBe(true)
    await journal.append(record(1))
    tmpfs.fill()
    disk.refresh()
    expect(disk.isFull()).toBe(true)
    expect(existsSync(reserve)).toBe(false)

    const answers: string[] = []
    const held = journal.append(record(2)).then((seq) => answers.push(`acknowledged ${seq}`))
    await vi.waitFor(() => expect(journal.isFailing()).toBe(true))
    expect(answers).toEqual([])
    expect(journal.capacity().level).toBe('full')

    // a command and its audit are written meanwhile
    const state = openDatabase(join(tmpfs.folder, 'state.db'))
    state.exec('pragma journal_mode = WAL')
    state.exec('pragma synchronous = FULL')
    state.exec('create table command (id text primary key, detail text)')
    const insert = state.prepare('insert into command values (?, ?)')
    for (let n = 0; n < 50; n++) insert.run(`close-${n}`, 'x'.repeat(200))
    state.close()
    expect(answers).toEqual([])

    tmpfs.empty()
    await held
    expect(answers).toEqual(['acknowledged 2'])
    await disk.settled()
    expect(isHeld()).toBe(true)
    expect(journal.read(0, 10).map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('is reported as full at the instant of its detection, however recent the last check of the space', async () => {
    await journal.append(record(1))
    expect(journal.capacity().level).not.toBe('full')
    const told: string[] = []
    disk.onChange(() => void told.push(journal.capacity().level))
    tmpfs.fill()
    disk.refresh()
    expect(told).toEqual(['full'])
  })

  it('releases the reserve at the first commit that the disk rejects, before any check of the space', async () => {
    await journal.append(record(1))
    tmpfs.fill()
    // more than the pages it already has
    const held = [2, 3, 4].map((n) => journal.append(record(n, 60_000)))
    await vi.waitFor(() => expect(existsSync(reserve)).toBe(false))
    expect(journal.head()).toBe(1)
    tmpfs.empty()
    await Promise.all(held)
    expect(journal.head()).toBe(4)
  })

  it('a journal that has filled the disk itself reuses the space of records that its readers have passed', async () => {
    let isOver = false
    let n = 0
    while (!isOver) {
      const kept = journal.append(record(++n, 60_000))
      kept.catch(() => {})
      disk.refresh()
      isOver = await Promise.race([
        kept.then(() => false),
        vi.waitFor(() => expect(journal.isFailing()).toBe(true), { timeout: 10_000 }).then(() => true),
      ])
    }
    expect(n).toBeGreaterThan(50)
    expect(disk.isFull()).toBe(true)
    const head = journal.head()
    await journal.checkpoint('ingest', head, [])
    journal.trim()
    await vi.waitFor(() => expect(journal.head()).toBeGreaterThan(head), { timeout: 10_000 })
    await journal.append(record(n + 1))
    await vi.waitFor(() => expect(journal.capacity().level).toBe('ok'), { timeout: 10_000 })
    await disk.settled()
    expect(isHeld()).toBe(true)
  })

  it('a partial reserve after a crash is completed', async () => {
    await disk.close()
    writeFileSync(reserve, 'the beginning')
    disk = watchDiskSpace({ folder: tmpfs.folder, log: silent })
    await disk.settled()
    expect(isHeld()).toBe(true)
  })

  it('a start on a full disk creates no reserve and reports that the disk is full', async () => {
    await disk.close()
    tmpfs.fill()
    writeFileSync(reserve, '') // what it held is another program's now
    tmpfs.fill()
    disk = watchDiskSpace({ folder: tmpfs.folder, log: silent })
    expect(disk.isFull()).toBe(true)
    expect(disk.availableBytes()).toBe(0)
    tmpfs.empty()
    disk.refresh()
    expect(disk.isFull()).toBe(false)
    await disk.settled()
    expect(isHeld()).toBe(true)
  })
})
