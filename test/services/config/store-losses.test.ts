/** Which stores are missing, replaced or behind, from the copies of the manifest and the files. */
import { describe, expect, it } from 'vitest'
import {
  findFileLosses,
  findLosses,
  firstManifest,
  mergeCopies,
  tidiedLogs,
  type FilesOfStores,
  type StoreFiles,
} from '../../../services/config/store-losses.ts'
import type { StoreManifest } from '../../../services/config/store-manifest.ts'

const manifest = (version: number, journal: number, state = version): StoreManifest => ({
  generation: 0,
  version,
  stores: {
    state: { id: 's', mark: state, hasWal: true },
    journal: { id: 'j', mark: journal, hasWal: true },
    secrets: { id: 'p', mark: 0, hasWal: false },
  },
  losses: [],
})
const found = (journal: number, state: number) => ({
  state: { id: 's', mark: state },
  journal: { id: 'j', mark: journal },
  secrets: { id: 'p', mark: 0 },
})
const whole: StoreFiles = { exists: true, isEmpty: false, hasWal: true, hasShm: true, isWalDamaged: false }
const files: FilesOfStores = {
  state: whole,
  journal: whole,
  secrets: { ...whole, hasWal: false, hasShm: false },
}
const none: StoreFiles = { exists: false, isEmpty: false, hasWal: false, hasShm: false, isWalDamaged: false }

describe('the copies of the manifest', () => {
  it('together give the highest mark of each store', () => {
    const merged = mergeCopies([manifest(7, 100), null, manifest(9, 90)])!
    expect(merged.version).toBe(9)
    expect(merged.stores.journal!.mark).toBe(100)
    expect(mergeCopies([null, null])).toBeNull()
  })

  it('of before an accepted loss are void', () => {
    const accepted = { ...manifest(10, 40), generation: 1 }
    expect(mergeCopies([accepted, manifest(9, 100)])!.stores.journal!.mark).toBe(40)
  })
})

describe('a store that', () => {
  it('has reached its mark, or is ahead of it, is whole', () => {
    expect(findLosses(manifest(9, 100), found(100, 9))).toEqual([])
    expect(findLosses(manifest(9, 100), found(160, 10))).toEqual([])
  })

  it('is behind is a loss, with the number of records of the journal', () => {
    expect(findLosses(manifest(9, 4_000), found(0, 9))).toEqual([
      { store: 'journal', what: 'ends at record 0, record 4000 was acknowledged: at least 4000 are missing' },
    ])
    expect(findLosses(manifest(9, 100), found(100, 8)).map(({ store }) => store)).toEqual(['state'])
  })

  it('is missing, empty or of another Tilth is a loss', () => {
    const known = manifest(9, 0)
    const of = (journal: { id: string | null; mark: number } | null) =>
      findLosses(known, { ...found(0, 9), journal }).map(({ what }) => what)
    expect(of(null)).toEqual(['is missing'])
    expect(of({ id: null, mark: 0 })).toEqual(['has lost its content'])
    expect(of({ id: 'other', mark: 10 })).toEqual(['belongs to another Tilth, or was recreated'])
  })

  it('Tilth has never had, or does not use now, is none', () => {
    expect(findLosses({ ...manifest(9, 0), stores: {} }, found(0, 0))).toEqual([])
    expect(findLosses(manifest(9, 0), { state: { id: 's', mark: 9 } })).toEqual([])
  })
})

describe('before any file is opened', () => {
  const lost = (
    store: keyof FilesOfStores,
    as: Partial<StoreFiles>,
    known: StoreManifest | null = manifest(9, 5),
  ) => findFileLosses(known, { ...files, [store]: { ...whole, ...as } })

  it('whole files are no loss, with or without the manifest', () => {
    expect(findFileLosses(manifest(9, 5), files)).toEqual([])
    expect(findFileLosses(null, files)).toEqual([])
  })

  it('a missing file, a damaged log and an empty database are', () => {
    expect(lost('secrets', none)).toEqual([{ store: 'secrets', what: 'is missing' }])
    expect(lost('journal', { isWalDamaged: true })[0]!.what).toMatch(/damaged write-ahead log/)
    expect(lost('state', { isEmpty: true, hasWal: false, hasShm: false })[0]!.what).toBe(
      'has lost its content',
    )
  })

  it('a missing log is when its -shm is there: SQLite removes that first', () => {
    expect(lost('journal', { hasWal: false })[0]!.what).toMatch(/has lost its write-ahead log/)
    const tidied = { ...files, journal: { ...whole, hasWal: false, hasShm: false } }
    expect(findFileLosses(manifest(9, 5), tidied)).toEqual([])
    expect(tidiedLogs(manifest(9, 5), tidied)).toEqual(['journal'])
    expect(tidiedLogs(manifest(9, 5), files)).toEqual([])
  })

  it('without a manifest, the state may not be the only one that is missing', () => {
    for (const as of [none, { ...whole, isEmpty: true, hasWal: false }])
      expect(lost('state', as, null)).toEqual([
        { store: 'state', what: 'is missing, but journal, secrets of a Tilth exist' },
      ])
    expect(findFileLosses(null, { state: none, journal: none, secrets: none })).toEqual([])
    // tools prepare a state and its secrets
    expect(lost('journal', none, null)).toEqual([])
  })
})

it('an accepted loss begins a new generation and is remembered', () => {
  const losses = [{ store: 'journal' as const, what: 'is missing' }]
  const next = firstManifest(manifest(9, 100), { losses, nowMs: 1_000 })
  expect(next).toEqual({
    generation: 1,
    version: 10,
    stores: {},
    losses: [{ store: 'journal', what: 'is missing', atMs: 1_000 }],
  })
  expect(firstManifest(null, { losses: [], nowMs: 1_000 }).generation).toBe(0)
})
