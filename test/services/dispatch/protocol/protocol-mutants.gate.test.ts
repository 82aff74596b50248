/** The gate over every guard, and over itself: a gate that lets everything through must fail here. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeMutant, mutants, noOp, tenGuards } from './protocol-gate.ts'

let folder: string
const verdicts = new Map<string, string>()
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tilth-mutants-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a protocol without one of its guards is caught', () => {
  it.each(mutants)('%s', { timeout: 120_000 }, async (...mutant) => {
    const [guard] = mutant
    verdicts.set(guard, await judgeMutant(mutant, folder))
    expect(verdicts.get(guard), `nobody missed ${guard}`).toBe('caught')
  })
})

describe('the gate itself', () => {
  it('10 of 10 guards of the contract were taken out and caught', () => {
    expect(tenGuards).toHaveLength(10)
    expect(tenGuards.filter((guard) => verdicts.get(guard) === 'caught')).toEqual([...tenGuards])
  })

  it('reports a mutant that takes nothing out as survived', { timeout: 120_000 }, async () => {
    expect(await judgeMutant(noOp, folder, 200)).toBe('survived')
  })

  it('refuses a mutant whose guard is not found', async () => {
    const gone = ['a guard that was renamed', 'valve-device/device.ts', 'no such text', ''] as const
    await expect(judgeMutant(gone, folder)).rejects.toThrow('is not found in valve-device/device.ts')
  })
})
