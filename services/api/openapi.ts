/**
 * The OpenAPI document of the API, built from the table of its routes. A route states its summary and schemas; the
 * subject, the permission, parameters, examples and shared schemas are derived here. The order is deterministic: `npm run
 * schemas` writes docs/api/openapi.json, which is checked in and is the file that the server sends (documentation.ts).
 */
import Fastify from 'fastify'
import { guard, type RouteEntry } from './http/access-control.ts'
import type { App, Context } from './http/context.ts'
import { noHttpLimits } from './http/limits.ts'
import { registerRoutes } from './register-routes.ts'
import { pathParameter, queryParameters, subjectOf, subjectTags } from './http/validation/api-subjects.ts'
import { ApiError } from './http/responses.ts'
import { exampleOf } from './http/validation/schema-example.ts'
import { sharedSchemas } from './shared-schemas.ts'

type Json = Record<string, unknown>
interface ObjectSchema {
  properties?: Record<string, { description?: string }>
  required?: string[]
}

/** The routes of the API without a server behind them: their handlers are registered, never called. */
export function declaredRoutes(): RouteEntry[] {
  const app = Fastify() as unknown as App
  const noValue = {} as never
  const routes = guard(app, { auth: noValue, events: noValue, publicUrl: null, limits: noHttpLimits })
  registerRoutes(app, { settings: {} } as Context)
  return routes
}

/** OpenAPI 3.1. HEAD is left out; paths, methods and shared schemas are in alphabetical order. */
export function openApiDocument(routes: readonly RouteEntry[]): Json {
  const components = new Map<string, unknown>()
  /** The schema with shared schemas as references, which are added to the components. */
  const refer = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(refer)
    if (typeof schema !== 'object' || schema === null) return schema
    const name = sharedSchemas.nameOf(schema)
    if (name === undefined) return expand(schema)
    if (!components.has(name)) {
      components.set(name, null) // a recursive schema refers to itself
      components.set(name, expand(schema))
    }
    return { $ref: `#/components/schemas/${name}` }
  }
  const expand = (schema: object): Json => {
    const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
      if (key === 'additionalItems') return []
      // JSON Schema 2020-12, which OpenAPI 3.1 uses, has tuples in prefixItems
      if (key === 'items' && Array.isArray(value)) return [['prefixItems', refer(value)], ['items', false]] // prettier-ignore
      return [[key, ['enum', 'const', 'required'].includes(key) ? value : refer(value)]]
    })
    return Object.fromEntries(entries)
  }

  const errorResponse = (description: string) => ({
    description,
    content: {
      'application/json': {
        schema: refer(ApiError),
        example: {
          error: 'BAD_REQUEST',
          message: 'areaM2: must be at most the area of the field (12000), got 15000',
        },
      },
    },
  })
  const paths: Record<string, Json> = {}
  const sorted = routes
    .filter(({ method }) => method !== 'HEAD')
    .toSorted((a, b) => (a.url === b.url ? compare(a.method, b.method) : compare(a.url, b.url)))
  for (const route of sorted) {
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, refer) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tilth',
      version: '1',
      description:
        "SI units, mm for water, instants in UTC epoch ms, days in the farm's time zone. " +
        'Sign in with POST /api/auth/sign-in/email; the session is a cookie.',
    },
    tags: subjectTags,
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'tilth.session_token',
          description: 'set by signing in',
        },
      },
      responses: {
        Rejected: errorResponse('The request was rejected: `message` names the field and the expected value'),
        Failed: errorResponse('Temporarily unavailable, or an internal error'),
      },
      schemas: Object.fromEntries([...components].sort(([a], [b]) => compare(a, b))),
    },
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function operation(route: RouteEntry, refer: (schema: unknown) => unknown): Json {
  const { method, url, needs, schema } = route
  const { summary, description, params, querystring, body, response, produces = [] } = schema
  const permission = needs === 'public' ? 'No sign-in is needed.' : `Needs the permission \`${needs}\`.`
  const json = (of: unknown) => ({ 'application/json': { schema: refer(of), example: exampleOf(of) } })
  const success = (of: unknown) => ({
    description: 'Success',
    content: of === null ? Object.fromEntries(produces.map((type) => [type, {}])) : json(of),
  })
  return {
    operationId: operationId(method, url),
    tags: [subjectOf(url)],
    summary,
    description: description === undefined ? permission : `${description} ${permission}`,
    'x-permission': needs,
    security: needs === 'public' ? [] : [{ session: [] }],
    parameters: [
      ...parameters('path', params as ObjectSchema | undefined, url, refer),
      ...parameters('query', querystring as ObjectSchema | undefined, url, refer),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: Object.fromEntries(
      Object.entries((response as Json | undefined) ?? { 200: null, '4xx': null, '5xx': null }).map(
        ([status, of]) => [status.toUpperCase(), sharedResponses[status] ?? success(of)],
      ),
    ),
  }
}

const sharedResponses: Record<string, Json> = {
  '4xx': { $ref: '#/components/responses/Rejected' },
  '5xx': { $ref: '#/components/responses/Failed' },
}

/** 'GET /api/fields/:id/loads' is getFieldsByIdLoads. */
function operationId(method: string, url: string): string {
  const words = url
    .replace('/api/', '/')
    .replace(/:(\w+)/g, 'by-$1')
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '')
  return [method.toLowerCase(), ...words.map((word) => word[0]!.toUpperCase() + word.slice(1))].join('')
}

function parameters(
  place: 'path' | 'query',
  { properties = {}, required = [] }: ObjectSchema = {},
  url: string,
  refer: (schema: unknown) => unknown,
): Json[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    description:
      (place === 'path' ? pathParameter(url, name) : undefined) ??
      schema.description ??
      queryParameters[name],
    schema: refer(schema),
    example: exampleOf(schema, name),
  }))
}
