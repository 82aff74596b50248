/**
 * The manifest: which stores this Tilth has had, and how far each had come. `stores.json` in DATA_DIR holds it, and the
 * state, the journal and the embedded series each hold a copy: a file that is lost, replaced or behind is noticed by the
 * others. `store-losses.ts` compares them at the start.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import { replaceFile } from '../runtime/replace-file.ts'

export const storeNames = ['state', 'journal', 'series', 'secrets'] as const
export type StoreName = (typeof storeNames)[number]
/** The stores that are SQLite files, with a write-ahead log. */
export type DatabaseName = Exclude<StoreName, 'secrets'>

export const isStoreName = (name: string): name is StoreName =>
  (storeNames as readonly string[]).includes(name)

const StoreEntry = Type.Object({
  /** random, made with the file; of the secrets: a hash that does not reveal them */
  id: Type.String(),
  /** high-water mark: of the journal its newest record, of state and series the version of their copy */
  mark: Type.Number(),
  /** the write-ahead log existed when this was written */
  hasWal: Type.Boolean(),
})
export type StoreEntry = Static<typeof StoreEntry>

const AcceptedLoss = Type.Object({
  store: Type.Enum([...storeNames]),
  atMs: Type.Number(),
  /** what was missing, in words */
  what: Type.String(),
})
export type AcceptedLoss = Static<typeof AcceptedLoss>

const StoreManifest = Type.Object({
  /** grows with each accepted loss: copies of an earlier one are void */
  generation: Type.Number(),
  /** grows with each writing */
  version: Type.Number(),
  /** absent: this Tilth has never had the store */
  stores: Type.Object({
    state: Type.Optional(StoreEntry),
    journal: Type.Optional(StoreEntry),
    series: Type.Optional(StoreEntry),
    secrets: Type.Optional(StoreEntry),
  }),
  losses: Type.Array(AcceptedLoss),
})
export type StoreManifest = Static<typeof StoreManifest>

export const emptyManifest: StoreManifest = { generation: 0, version: 0, stores: {}, losses: [] }

const parse = jsonParser(StoreManifest, 'manifest')

/** A copy as it was stored; null: there is none, or it cannot be read. */
export function parseManifest(text: string | null): StoreManifest | null {
  if (text === null) return null
  const manifest = parse(text)
  return manifest.ok ? manifest.value : null
}

export const MANIFEST_FILE = 'stores.json'

/** The manifest of DATA_DIR; null: the file is missing or damaged. */
export function readManifest(dataDir: string): StoreManifest | null {
  try {
    return parseManifest(readFileSync(join(dataDir, MANIFEST_FILE), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Replaces the file as a whole and durably: a crash leaves the old one or the new one. Throws what the disk reports. */
export function writeManifest(dataDir: string, manifest: StoreManifest): void {
  replaceFile(join(dataDir, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Identifies the secrets without revealing them. */
export const secretsId = (pepper: string): string =>
  createHash('sha256').update(`stores ${pepper}`).digest('hex').slice(0, 16)

/** Where the copies are, by table: state, journal, series. */
export const copyPlace = { settingKey: 'stores', noteReader: 'stores', noteKey: 'manifest' } as const
/** The statements that delete them, by table. */
export const deleteCopy: Record<string, string> = {
  setting: `delete from setting where key = '${copyPlace.settingKey}'`,
  note: `delete from note where reader = '${copyPlace.noteReader}'`,
  manifest: 'delete from manifest',
}
