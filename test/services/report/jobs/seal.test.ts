/** A report file carries a seal that anyone with the public key can check; every change of a byte is found. */
import { createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { SeriesStore } from '../../../../services/ports.ts'
import type { FileRequest } from '../../../../services/report/jobs/file-query.ts'
import { filesInProcess } from '../../../../services/report/jobs/make-file.ts'
import { parsePublicKey, publicKeyText, sealKey, verifySeal } from '../../../../services/report/jobs/seal.ts'
import { verifyCommand } from '../../../../services/cli/commands/verify.ts'
import { loadSecrets } from '../../../../services/config/secrets.ts'
import { readSettings } from '../../../../services/config/settings.ts'
import { openTestState } from '../../../support/state.ts'

const nowMs = Date.parse('2026-11-01T00:30:00Z')
const query = {
  org: 'midori',
  coop: 'Midori',
  farmId: null,
  year: 2026,
  crop: null,
  lang: 'ja',
  unit: 'kg/10a',
} as const
const requests: FileRequest[] = [
  ...(['xlsx', 'xlsx-all', 'pdf', 'geojson', 'adapt', 'spring', 'work'] as const).map((format) => ({
    format,
    query,
    nowMs,
  })),
  { format: 'csv', query, nowMs },
  { format: 'csv-shift-jis', query, nowMs },
  { format: 'sprays', query: { ...query, scheme: 'jgap' }, nowMs },
]
const key = createPublicKey(sealKey('a secret'))

let opened: OpenState
let series: SeriesStore
beforeAll(async () => {
  opened = await openTestState()
  series = await openSqliteSeries(':memory:')
  await writeRows(
    opened.state,
    oneOrganisation({ coop: 'midori', members: 2, fields: 4, year: 2026, yearsBack: 0 }),
  )
})
afterAll(async () => {
  await opened.close()
  await series.close()
})
const make = async (request: FileRequest) =>
  (await filesInProcess({ state: opened.state, series, secret: 'a secret' }).make(request)).bytes

describe.each(requests)('$format', (request) => {
  it('is sealed; the first, a middle or the last byte changed is found, and another key is not accepted', async () => {
    const bytes = Buffer.from(await make(request))
    expect(verifySeal(bytes, key).state).toBe('valid')
    expect(Buffer.compare(bytes, Buffer.from(await make(request)))).toBe(0)
    for (const at of [6, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      expect(verifySeal(changed, key).state, `byte ${at}`).not.toBe('valid')
    }
    expect(verifySeal(bytes, createPublicKey(sealKey('another secret'))).state).toBe('foreign')
  })
})

it('the public key is printed as text and read again; a file without a seal is reported as such', () => {
  const text = publicKeyText(sealKey('a secret'))
  expect(text).toMatch(/^[\w-]{43}$/)
  expect(parsePublicKey(text)?.equals(key)).toBe(true)
  expect(parsePublicKey('short')).toBeNull()
  expect(verifySeal(Buffer.from('Member,Field'), key)).toEqual({ state: 'unsealed' })
})

describe('tilth verify', () => {
  it('accepts the file of this server, and says of another what is wrong', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tilth-verify-'))
    try {
      const settings = readSettings({ DATA_DIR: dir }, null)
      if (!settings.ok) throw new Error(settings.error)
      const { authSecret } = loadSecrets(dir)
      const { bytes } = await filesInProcess({ state: opened.state, series, secret: authSecret }).make(
        requests[2]!,
      )
      const file = join(dir, 'season.geojson')
      writeFileSync(file, bytes)
      const lines: string[] = []
      const run = (...args: string[]) =>
        verifyCommand(args, {
          settings: settings.value,
          print: (line) => void lines.push(line),
          progress: () => {
            throw new Error('shows no progress')
          },
        })
      expect(await run(file)).toMatchObject({ ok: true })
      expect(lines[0]).toBe(`${file} is unchanged and signed with ${publicKeyText(sealKey(authSecret))}`)
      expect(await run(file, '--key', publicKeyText(sealKey(authSecret)))).toMatchObject({ ok: true })
      await expect(run(file, '--key', publicKeyText(sealKey('another')))).rejects.toThrow(
        'signed with another key',
      )
      writeFileSync(file, Buffer.from(bytes).toString().replace('"members":2', '"members":3'))
      await expect(run(file)).rejects.toThrow(/was changed: its SHA-256 is [0-9a-f]{64}, sealed was/)
      await expect(run(join(dir, 'nowhere'))).rejects.toThrow('cannot read')
      expect(await run(file, '--key', 'short')).toMatchObject({ ok: false })
      expect(await run()).toMatchObject({ ok: false })
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})
