/**
 * A backup is one tar file that any tool can read: the files, and last a `manifest.json` with the SHA-256 of each. A
 * truncated file has no manifest and is rejected. Synchronous: the command that uses it does nothing else meanwhile.
 */
import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { fail } from '../errors.ts'

const Manifest = Type.Object({
  tilthBackup: Type.Literal(1),
  version: Type.String(), // of the Tilth that wrote it
  atMs: Type.Number(),
  files: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Number(), sha256: Type.String() })),
  notHere: Type.Array(Type.String()), // parts of this Tilth that are not in the file, in words
  rows: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.Number()))), // by database and table
})
export type Manifest = Static<typeof Manifest>
const check = Compile(Manifest)
const MANIFEST = 'manifest.json'

const BLOCK = 512
const CHUNK = 1_048_576

/** Writes the files and the manifest; the file appears complete or not at all. CONFLICT when it exists already. */
export function writeArchive(
  path: string,
  sources: { name: string; path: string }[],
  details: Omit<Manifest, 'tilthBackup' | 'files'>,
): Manifest {
  if (existsSync(path)) fail('CONFLICT', `${path} exists already; a backup replaces nothing`)
  // in a folder of our own: nobody can have placed a symbolic link there
  const folder = mkdtempSync(join(dirname(path), '.tilth-backup-'))
  try {
    const part = join(folder, 'part')
    const manifest = writeWhole(part, sources, details)
    renameSync(part, path)
    return manifest
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeWhole(
  path: string,
  sources: { name: string; path: string }[],
  details: Omit<Manifest, 'tilthBackup' | 'files'>,
): Manifest {
  // the file contains secrets: readable by this user only
  const to = openSync(path, 'wx', 0o600)
  try {
    const files = sources.map(({ name, path: source }) => copyIn(to, name, source, details.atMs))
    const manifest: Manifest = { tilthBackup: 1, ...details, files }
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
    writeAll(to, header(MANIFEST, text.length, details.atMs))
    writeAll(to, padded(text))
    writeAll(to, Buffer.alloc(2 * BLOCK))
    fsyncSync(to)
    return manifest
  } finally {
    closeSync(to)
  }
}

/**
 * A write may accept fewer bytes than it was given, for example on a nearly full disk: the next write reports the
 * error.
 */
function writeAll(to: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(to, bytes, done)
}

function copyIn(to: number, name: string, source: string, atMs: number): Manifest['files'][number] {
  const bytes = statSync(source).size
  writeAll(to, header(name, bytes, atMs))
  const from = openSync(source, 'r')
  const hash = createHash('sha256')
  try {
    let done = 0
    for (let chunk = next(from, bytes - done); chunk.length > 0; chunk = next(from, bytes - done)) {
      hash.update(chunk)
      writeAll(to, chunk)
      done += chunk.length
    }
    writeAll(to, Buffer.alloc(padOf(bytes)))
  } finally {
    closeSync(from)
  }
  return { name, bytes, sha256: hash.digest('hex') }
}

/**
 * Reads the whole file and returns its manifest when everything matches. `open` returns the path to write a file to,
 * or null to only read it; `onRead` is called with the share that is read, 0 to 1. STORE_CORRUPT names the part that
 * does not match.
 */
export function readArchive(
  path: string,
  open: (name: string) => string | null = () => null,
  onRead: (share: number) => void = () => {},
): Manifest {
  const failIncomplete = (what: string) => fail('STORE_CORRUPT', `${path} is not a complete backup: ${what}`)
  if (!existsSync(path)) fail('NOT_FOUND', `there is no file ${path}`)
  const from = openSync(path, 'r')
  const totalBytes = fstatSync(from).size
  let readBytes = 0
  const count = (bytes: number) => onRead((readBytes += bytes) / totalBytes)
  const foundFiles = new Map<string, { bytes: number; sha256: string }>()
  let manifest: Manifest | null = null
  try {
    for (let block = next(from, BLOCK); block.length === BLOCK && block[0] !== 0; block = next(from, BLOCK)) {
      const entry = readHeader(block) ?? failIncomplete('it is not a tar file, or it is truncated')
      if (entry.name === MANIFEST) {
        const text = next(from, entry.bytes)
        manifest = parseManifest(text.toString()) ?? failIncomplete('its manifest cannot be read')
        if (next(from, padOf(entry.bytes)).length < padOf(entry.bytes)) failIncomplete('it is truncated')
        continue
      }
      if (!/^[\w.-]+$/.test(entry.name))
        failIncomplete(`it contains a file with the invalid name ${entry.name}`)
      const hash = createHash('sha256')
      if (!copyOut(from, entry.bytes, { hash, path: open(entry.name), count }))
        failIncomplete(`${entry.name} is truncated`)
      foundFiles.set(entry.name, { bytes: entry.bytes, sha256: hash.digest('hex') })
    }
  } finally {
    closeSync(from)
  }
  if (manifest === null) return failIncomplete('its manifest is missing; was it copied completely?')
  for (const { name, sha256 } of manifest.files) {
    if (!foundFiles.has(name)) failIncomplete(`${name} is missing`)
    if (foundFiles.get(name)!.sha256 !== sha256) failIncomplete(`${name} does not match its checksum`)
  }
  const extra = [...foundFiles.keys()].find((name) => !manifest.files.some((file) => file.name === name))
  if (extra !== undefined) failIncomplete(`it contains a file ${extra} that is not in its manifest`)
  return manifest
}

function copyOut(
  from: number,
  bytes: number,
  { hash, path, count }: { hash: Hash; path: string | null; count: (bytes: number) => void },
): boolean {
  const to = path === null ? null : openSync(path, 'w', 0o600)
  try {
    let left = bytes
    while (left > 0) {
      const chunk = next(from, Math.min(CHUNK, left))
      if (chunk.length === 0) return false
      hash.update(chunk)
      if (to !== null) writeAll(to, chunk)
      left -= chunk.length
      count(chunk.length)
    }
    if (to !== null) fsyncSync(to)
    return next(from, padOf(bytes)).length === padOf(bytes)
  } finally {
    if (to !== null) closeSync(to)
  }
}

function parseManifest(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text)
    return check.Check(value) ? (value as Manifest) : null
  } catch {
    return null
  }
}

/** Up to this many bytes from the current position. */
function next(file: number, bytes: number): Buffer {
  const chunk = Buffer.alloc(Math.min(CHUNK, bytes))
  let done = 0
  while (done < chunk.length) {
    const read = readSync(file, chunk, done, chunk.length - done, null)
    if (read === 0) break
    done += read
  }
  return chunk.subarray(0, done)
}

const padOf = (bytes: number): number => (BLOCK - (bytes % BLOCK)) % BLOCK
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(padOf(bytes.length))])

// POSIX.1-1988 ustar; sizes from 8 GiB in base 256, as GNU tar and others read them
const OCTAL_UP_TO = 8 ** 11

function header(name: string, bytes: number, atMs: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100)
  block.write('0000600\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  if (bytes < OCTAL_UP_TO) block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(bytes), 128)
  }
  block.write(
    `${Math.floor(atMs / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  block.write('0', 156)
  block.write('ustar\0', 257)
  block.write('00', 263)
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function readHeader(block: Buffer): { name: string; bytes: number } | null {
  if (block.toString('latin1', 257, 262) !== 'ustar') return null
  if (parseInt(block.toString('latin1', 148, 154), 8) !== checksum(block)) return null
  const bytes =
    block[124] === 0x80 ? Number(block.readBigUInt64BE(128)) : parseInt(block.toString('latin1', 124, 135), 8)
  if (!Number.isSafeInteger(bytes) || bytes < 0) return null
  return { name: block.toString('utf8', 0, 100).replace(/\0.*$/s, ''), bytes }
}

/** The sum of the bytes, with the checksum field taken as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20
  for (let offset = 0; offset < BLOCK; offset++) if (offset < 148 || offset >= 156) sum += block[offset]!
  return sum
}
