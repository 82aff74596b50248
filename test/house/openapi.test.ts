/** docs/api/openapi.json is current (`npm run schemas`) and every operation is described. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { openApiFile } from '../../docs/schema-files.ts'
import { exampleOf } from '../../services/api/http/validation/schema-example.ts'
import { declaredRoutes, openApiDocument } from '../../services/api/openapi.ts'

interface Operation {
  summary?: string
  tags: string[]
  operationId: string
  parameters: { name: string; description?: string; example?: unknown }[]
  requestBody?: { content: Record<string, { example?: unknown }> }
}
const routes = declaredRoutes()
const document = openApiDocument(routes) as {
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
)
const namesOf = (found: readonly { name: string }[]) => found.map(({ name }) => name)

describe('the OpenAPI document', () => {
  it('is the checked-in file (npm run schemas)', () => {
    const file = join(import.meta.dirname, '../../docs/api/openapi.json')
    expect(readFileSync(file, 'utf8') === openApiFile()).toBe(true)
  })

  it('has more than a hundred operations under at most 22 subjects', () => {
    expect(operations.length).toBeGreaterThan(100)
    expect(document.tags.length).toBeLessThanOrEqual(22)
  })

  it('summarises every operation, each with a different text', () => {
    expect(namesOf(operations.filter(({ summary = '' }) => !/^[A-Z].{5,80}[^.]$/.test(summary)))).toEqual([])
    const summaries = operations.map(({ summary }) => summary)
    expect(summaries.filter((summary, at) => summaries.indexOf(summary) !== at)).toEqual([])
  })

  it('files every operation under one known subject, with an id of its own', () => {
    const subjects = namesOf(document.tags)
    expect(
      namesOf(operations.filter(({ tags }) => tags.length !== 1 || !subjects.includes(tags[0]!))),
    ).toEqual([])
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  })

  it('describes every parameter', () => {
    const bare = operations.flatMap(({ name, parameters }) =>
      parameters.filter(({ description }) => !description).map((parameter) => `${name} ${parameter.name}`),
    )
    expect(bare).toEqual([])
  })

  it('shows examples that its own schemas accept', () => {
    const wrong = routes.flatMap(({ method, url, schema }) => {
      const { body, response = {} } = schema as { body?: TSchema; response?: Record<string, TSchema> }
      return [body, response['200']]
        .filter((each) => each !== undefined)
        .filter((each) => !Check(each, exampleOf(each)))
        .map(() => `${method} ${url}`)
    })
    expect([...new Set(wrong)]).toEqual([])
  })
})
