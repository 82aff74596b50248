/** The stores of a Tilth that is killed, damaged and started again: real files, no server. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal } from '../../../broker/journal/journal.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import { guardStores, journalFile, recordAcceptedLosses } from '../../../services/app/store-guard.ts'
import { keepStoreMarks } from '../../../services/app/store-marks.ts'
import { appendAudit } from '../../../services/audit/audit-log.ts'
import { loadSecrets } from '../../../services/config/secrets.ts'
import { readSettings } from '../../../services/config/settings.ts'
import { readManifest, secretsId, type StoreName } from '../../../services/config/store-manifest.ts'
import { openTestState } from '../../support/state.ts'
import { silent } from '../../broker/rig.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import type { StoreFile } from '../../../services/ports.ts'
import { random } from '../../../firmware-sim/random.ts'

const NOW = Date.UTC(2026, 6, 6)
let root: string
let dir: string
let count = 0
const closers: (() => Promise<unknown>)[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tilth-guard-'))
  dir = join(root, 'data')
  mkdirSync(dir)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  rmSync(root, { recursive: true, force: true })
})

/** The stores as Tilth opens them, in the order of its start. */
async function start(
  folder: string,
  { accept = [] as StoreName[], warnings = [] as string[], onWritten = () => {} } = {},
) {
  const read = readSettings({ DATA_DIR: folder }, null)
  if (!read.ok) throw new Error(read.error)
  const settings = read.value
  const log = { ...silent, warn: (_: object, text: string) => void warnings.push(text) }
  const guard = guardStores({ settings, accept, nowMs: NOW, log })
  const statePath = join(folder, 'state.db')
  const stateStore = existsSync(statePath)
    ? await openSqliteState(statePath, { synchronous: 'OFF' })
    : await openTestState(statePath)
  const series = await openSqliteSeries(join(folder, 'series.db'))
  const path = join(folder, 'journal.db')
  const journal = openJournal({ path, isDurable: false, clock: systemClock, log: silent })
  const closeAll = async () => {
    void journal.close()
    await series.close()
    await stateStore.close()
  }
  try {
    const watched = <T extends StoreFile>(file: T): T => ({
      ...file,
      writeCopy: (text: string) => file.writeCopy(text).then(onWritten),
    })
    const stores = {
      state: watched(stateStore.file),
      journal: watched(journalFile(journal, path)),
      series: watched(series.file!),
    }
    const { manifest, ids, accepted } = await guard.check(stores)
    const secrets = secretsId(loadSecrets(folder).pepper)
    await recordAcceptedLosses(stateStore.state, accepted, NOW)
    const marks = await keepStoreMarks({
      dataDir: folder,
      manifest,
      ids: { ...ids, secrets },
      stores,
      mayWrite: () => true,
      log,
      everyMs: 50,
    })
    let isStopped = false
    const stop = async () => {
      if (isStopped) return
      isStopped = true
      await marks.stop()
      await closeAll()
    }
    closers.push(stop)
    const append = (n: number) =>
      Promise.all(
        Array.from({ length: n }, () =>
          journal.append({ receivedMs: NOW, org: 'o', device: 'd', payload: Buffer.alloc(300) }),
        ),
      )
    const audit = (subject: string) =>
      appendAudit(stateStore.state, {
        org: 'o',
        atMs: NOW,
        actor: 'a',
        action: 'x',
        subject,
        detail: 'x'.repeat(2_000),
      })
    const measure = () =>
      series.append([
        {
          org: 'o',
          farm: 'f',
          field: '-',
          device: 'd',
          quantity: 'soil.moisture',
          depthCm: 30,
          atMs: NOW + ++count,
          value: 1,
          flag: 1,
          origin: 'measured',
        },
      ])
    return { marks, stop, append, audit, measure, journal, state: stateStore.state, manifest, accepted }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The files as a kill -9 at this instant leaves them. */
function killed(): string {
  const folder = join(root, `killed-${++count}`)
  mkdirSync(folder)
  for (const name of readdirSync(dir)) copyFileSync(join(dir, name), join(folder, name))
  return folder
}

/** Written, marked, and written again without a mark. */
async function ran(): Promise<string> {
  const tilth = await start(dir)
  await tilth.append(400)
  for (let i = 0; i < 5; i++) await tilth.audit(`a${i}`)
  await tilth.marks.compact()
  await tilth.append(300)
  for (let i = 0; i < 5; i++) await tilth.audit(`b${i}`)
  const folder = killed()
  await tilth.stop()
  return folder
}

const remove = (folder: string, ...names: string[]) => {
  for (const name of names) rmSync(join(folder, name))
}

describe('the stores of a Tilth', () => {
  it('that was killed, stopped, or copied without its manifest are whole', async () => {
    const folder = await ran()
    await (await start(folder)).stop()
    await (await start(folder)).stop()
    remove(folder, 'stores.json')
    const copied = await start(folder)
    expect(copied.journal.head()).toBe(700)
    expect(readManifest(folder)!.stores.journal!.mark).toBe(700)
    await copied.stop()
    // a stopped Tilth is whole in its .db files
    for (const name of readdirSync(folder)) if (/-wal$|-shm$/.test(name)) rmSync(join(folder, name))
    const moved = await start(folder)
    expect(moved.journal.head()).toBe(700)
  })

  it.each([
    ['journal.db-wal', /journal\.db has lost its write-ahead log/],
    ['state.db-wal', /state\.db has lost its write-ahead log/],
    ['secrets.json', /secrets\.json is missing/],
    ['journal.db', /journal\.db is missing/],
    ['state.db', /state\.db is missing/],
    ['series.db', /series\.db is missing/],
  ])('a lost %s stops the start with one line, again and again, and changes nothing', async (name, line) => {
    const folder = await ran()
    remove(folder, name)
    const before = readdirSync(folder).sort()
    for (let i = 0; i < 2; i++) {
      const error = await start(folder).catch((e: Error) => e)
      expect(error).toBeInstanceOf(Error)
      const { message } = error as Error
      expect(message).toMatch(line)
      expect(message).toMatch(/restore a backup \(npm run restore -- FILE\).*--accept-loss \w+/)
      expect(message).not.toContain('\n')
    }
    expect(readdirSync(folder).sort()).toEqual(before)
  })

  it.each([
    [
      ['state.db', 'state.db-wal', 'state.db-shm', 'stores.json'],
      /state\.db is missing, but journal, series, secrets/,
    ],
    [['secrets.json', 'stores.json'], /secrets\.json is missing/],
    [['journal.db', 'journal.db-wal', 'journal.db-shm', 'stores.json'], /journal\.db has lost its content/],
  ])('%o lost together are noticed by the copies in the others', async (names, line) => {
    const folder = await ran()
    remove(folder, ...names)
    await expect(start(folder)).rejects.toThrow(line)
  })

  it('a log that was cut short is noticed by the marks in the other stores', async () => {
    const tilth = await start(dir)
    await tilth.append(500)
    await tilth.audit('a')
    await tilth.marks.compact()
    await tilth.append(500)
    for (let i = 0; i < 5; i++) await tilth.audit(`b${i}`)
    // the marks that are written each second
    await expect
      .poll(() => JSON.parse(tilth.journal.notes('stores').get('manifest')!).stores.journal.mark)
      .toBe(1_000)
    const [cutJournal, cutState] = [killed(), killed()]
    await tilth.stop()
    truncateSync(join(cutJournal, 'journal.db-wal'), 32)
    await expect(start(cutJournal)).rejects.toThrow(
      /journal\.db ends at record 500, record 1000 was acknowledged: at least 500 are missing/,
    )
    truncateSync(join(cutState, 'state.db-wal'), 32)
    await expect(start(cutState)).rejects.toThrow(/state\.db is older than the other files/)
  })

  it('a tool that tidied the log after a kill is no loss, and the log names it', async () => {
    const folder = await ran()
    const file = await openSqliteState(join(folder, 'state.db'))
    await file.close()
    for (const end of ['-wal', '-shm']) rmSync(join(folder, `state.db${end}`), { force: true })
    const warnings: string[] = []
    await (await start(folder, { warnings })).stop()
    expect(warnings).toEqual([expect.stringMatching(/write-ahead log is gone/)])
  })

  it('an accepted loss is in the audit and the manifest, is asked once, and not without a loss', async () => {
    const folder = await ran()
    remove(folder, 'journal.db', 'journal.db-wal', 'journal.db-shm')
    await expect(start(folder, { accept: ['series'] })).rejects.toThrow(/journal\.db is missing/)
    const tilth = await start(folder, { accept: ['journal'] })
    const lines = await tilth.state
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'store.loss-accepted')
      .execute()
    expect(lines.map(({ org, actor, subject, detail }) => [org, actor, subject, detail])).toEqual([
      ['o', 'console', 'journal', '{"what":"is missing"}'],
    ])
    await tilth.stop()
    const again = await start(folder)
    expect(again.manifest.losses).toEqual([{ store: 'journal', atMs: NOW, what: 'is missing' }])
    await again.stop()
    await expect(start(folder, { accept: ['journal'] })).rejects.toThrow(/nothing is missing from it/)
  })

  it('a kill at any moment leaves nothing that the next start refuses', async () => {
    const chance = random('guard')
    const killedAt: string[] = []
    // between any two turns of the event loop, and after each single copy
    const look = (often: number) => void (chance.next() < often && killedAt.push(killed()))
    let isRunning = true
    const turn = (): void => {
      if (!isRunning) return
      look(0.1)
      setImmediate(turn)
    }
    setImmediate(turn)
    for (let round = 0; round < 4; round++) {
      const tilth = await start(dir, { onWritten: () => look(0.5) })
      for (let i = 0; i < 4; i++) {
        await tilth.append(20)
        await tilth.audit(`r${round}`)
        await tilth.measure()
        await tilth.marks.compact()
      }
      await tilth.stop()
    }
    isRunning = false
    expect(killedAt.length).toBeGreaterThan(10)
    for (const folder of killedAt) await (await start(folder)).stop()
  })

  it('nothing is written while nothing happens', async () => {
    const tilth = await start(dir)
    const version = () => JSON.parse(tilth.journal.notes('stores').get('manifest')!).version as number
    await tilth.append(1)
    await expect.poll(version).toBeGreaterThan(1)
    await new Promise((done) => setTimeout(done, 120))
    const seen = version()
    await new Promise((done) => setTimeout(done, 200))
    expect(version()).toBe(seen)
  })
})
