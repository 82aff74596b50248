/**
 * One path: `npm run decide` has no model of its own. Every module that its decisions need, but for the lines, the fold and the
 * printing of its command line, is a module of the running product.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImportGraph, reachedFrom } from './import-graph.ts'

const graph = readImportGraph(join(import.meta.dirname, '../..'), ['broker', 'services'])
const COMMAND_LINE = 'services/plan/decide/'
const product = reachedFrom(graph, 'services/main.ts')

describe('the modules of npm run decide', () => {
  it('are those of services/main.ts, but for its command line', () => {
    const decide = reachedFrom(graph, `${COMMAND_LINE}session.ts`)
    expect(decide.size).toBeGreaterThan(50)
    const own = [...decide].filter((file) => !product.has(file))
    expect(own.filter((file) => !file.startsWith(COMMAND_LINE))).toEqual([])
  })

  it('of its command line parse lines, fold them and print: no other program needs more of them', () => {
    const own = graph.files.filter((file) => file.startsWith(COMMAND_LINE))
    // a list that may only become shorter
    expect(own.length).toBeLessThanOrEqual(COMMAND_LINE_FILES)
    expect(own.filter((file) => product.has(file))).toEqual([])
  })

  it('include the whole model: nothing of it is needed by decide alone, nor by nothing', () => {
    const model = graph.files.filter((file) => file.startsWith('services/irrigation-model/'))
    expect(model.length).toBeGreaterThan(25)
    expect(model.filter((file) => !product.has(file))).toEqual([])
  })
})

const COMMAND_LINE_FILES = 13
