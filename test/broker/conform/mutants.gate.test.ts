/** The gate over conform itself: each rule is violated by one controller, and conform names the rule. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passiveRules, groups } from '../../../broker/conform/trials.ts'
import { conformOf } from './conform-bench.ts'
import { damagedSimulator } from './damage.ts'
import { mutants } from './mutants.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tilth-conform-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a controller that violates a rule is reported with the name of the rule', () => {
  it.each(mutants.map((mutant) => [`${mutant.rule}: ${mutant.is}`, mutant] as const))(
    '%s',
    { timeout: 60_000 },
    async (_, { rule, edits, trying }) => {
      const { results } = await conformOf(await damagedSimulator(join(folder, rule), edits), trying)
      const failed = results.filter(({ verdict }) => verdict === 'failed').map((entry) => entry.rule)
      expect(failed).toContain(rule)
    },
  )
})

describe('the gate itself', () => {
  it('has a mutant for every rule', () => {
    const rules = [...groups().flatMap(({ trials }) => trials), ...passiveRules].map(({ rule }) => rule)
    expect(mutants.map(({ rule }) => rule).sort()).toEqual(rules.sort())
  })

  it('reports no failed rule for an unchanged controller', async () => {
    const same = [['firmware-sim/devices/controller.ts', /^/, '// nothing is changed\n']] as const
    const { results } = await conformOf(await damagedSimulator(join(folder, 'nothing'), same))
    expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([])
  })

  it('refuses a mutant whose source line is not found', async () => {
    const gone = [['firmware-sim/devices/controller.ts', 'no such line', '']] as const
    await expect(damagedSimulator(join(folder, 'gone'), gone)).rejects.toThrow(
      'is not found in firmware-sim/devices/controller.ts',
    )
  })
})
