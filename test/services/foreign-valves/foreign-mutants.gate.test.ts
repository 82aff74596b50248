/** The gate over the guards of the wiring of foreign valves, and over itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeMutant, mutants, noOp } from './foreign-gate.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tilth-foreign-gate-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('foreign valves without one of their guards are caught', () => {
  it.each(mutants)('%s', { timeout: 120_000 }, async (...mutant) => {
    expect(await judgeMutant(mutant, folder), `nobody missed ${mutant[0]}`).toBe('caught')
  })
})

describe('the gate itself', () => {
  it('reports a mutant that takes nothing out as survived', { timeout: 120_000 }, async () => {
    expect(await judgeMutant(noOp, folder)).toBe('survived')
  })
  it('refuses a mutant whose guard is not found', async () => {
    const gone = ['a guard that was renamed', 'reports.ts', 'no such text', ''] as const
    await expect(judgeMutant(gone, folder)).rejects.toThrow('is not found in reports.ts')
  })
})
