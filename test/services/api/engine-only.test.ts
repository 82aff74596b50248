import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engineOnlyRoutes } from '../../../services/api/engine-only.ts'

const document = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/api/openapi.json'), 'utf8'),
) as { paths: Record<string, Record<string, unknown>> }

describe('what only an engine can do', () => {
  it('is named as the routes of the API are', () => {
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{([^}]+)\}/g, ':$1')}`,
      ),
    )
    expect([...engineOnlyRoutes].filter((route) => !routes.includes(route))).toEqual([])
  })
})
