/** Requests made from the server's own OpenAPI document: every route, with values as the schemas ask and then spoilt. */
import { draw, spoilValue, strangeTexts, type Draw } from './draw.ts'

interface Schema {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minimum?: number
  maximum?: number
  pattern?: string
}

export interface Operation {
  method: string
  path: string
  parameters: { name: string; in: string; schema?: Schema }[]
  body: Schema | null
}

export interface Request {
  method: string
  path: string // with the query
  headers: Record<string, string>
  body: string | null
}

interface OpenApi {
  paths: Record<string, Record<string, RawOperation>>
}
interface RawOperation {
  parameters?: Operation['parameters']
  requestBody?: { content?: Record<string, { schema?: Schema }> }
}

/** Every route with every method. */
export const operationsOf = ({ paths }: OpenApi): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content?.['application/json']?.schema ?? null,
    })),
  )

const ids = [
  'field-1',
  'field-2',
  'probe-1',
  'controller-1',
  'controller-1-zone-1',
  'farm-1',
  '1',
  'neighbour-farm',
]
const words = [
  'bench',
  'loam',
  'maize',
  'V1',
  '2026-07-06',
  '2026-02-30',
  '9999-12-31',
  'en',
  'admin',
  'a@b.example',
]
const texts = [...ids, ...words]

/** The nth request of a seed. `known`: ids that the server has told. */
export function request(seed: string, number: number, operations: readonly Operation[]): Request {
  const own = draw(`${seed}/requests/${number}`)
  // every route in turn
  const { method, path, parameters, body } = operations[number % operations.length]!
  const value = (schema: Schema | undefined) => {
    const made = valueOf(own, schema ?? {})
    return own.chance(0.25) ? spoilValue(made, own) : made
  }
  const text = (made: unknown) => (typeof made === 'string' ? made : (JSON.stringify(made) ?? 'undefined'))
  const placed = path.replaceAll(/\{(\w+)\}/g, () =>
    escape(own, own.chance(0.7) ? own.of(ids) : own.of(strangeTexts)),
  )
  const query = parameters
    .filter((it) => it.in === 'query' && own.chance(0.7))
    .map(({ name, schema }) => `${name}=${escape(own, text(value(schema)))}`)
  if (own.chance(0.05)) query.push(`${escape(own, own.of(strangeTexts))}=${own.int(0, 9)}`)
  const content = body === null ? null : JSON.stringify(value(body))
  return {
    method,
    path: query.length === 0 ? placed : `${placed}?${query.join('&')}`,
    headers: headersOf(own, content !== null),
    body:
      content !== null && own.chance(0.1) ? content.slice(0, own.int(0, content.length)) : (content ?? null),
  }
}

/** As a URL has it; what is written raw may only hold what a request line can. */
const escape = (own: Draw, text: string): string => {
  const whole = text.toWellFormed().slice(0, 1_000)
  return own.chance(0.95) ? encodeURIComponent(whole) : whole.replaceAll(/[^!-~]/g, '')
}

function headersOf(own: Draw, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = hasBody ? { 'content-type': 'application/json' } : {}
  if (own.chance(0.9)) return headers
  return {
    ...headers,
    ...own.of<Record<string, string>>([
      { origin: 'https://elsewhere.example' },
      { 'sec-fetch-site': 'cross-site' },
      {
        'content-type': own.of([
          'text/plain',
          'application/json; charset=utf-16',
          'multipart/form-data',
          'x',
        ]),
      },
      { 'last-event-id': own.of(['x', '00000000-1', '']) },
      { 'if-none-match': own.of(['*', '"x"', '']) },
      { 'accept-encoding': 'br, x;q=2' },
      { 'x-forwarded-for': own.of(['1.2.3.4', 'unknown', ',']) },
      { range: 'bytes=0-' },
    ]),
  }
}

function valueOf(own: Draw, schema: Schema): unknown {
  if ('const' in schema) return schema.const
  if (schema.enum) return own.of(schema.enum)
  if (schema.anyOf) return valueOf(own, own.of(schema.anyOf))
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) === true || own.chance(0.6))
          .map(([key, part]) => [key, valueOf(own, part)]),
      )
    case 'array':
      return Array.from({ length: own.int(0, 4) }, () => valueOf(own, schema.items ?? {}))
    case 'integer':
    case 'number':
      return numberOf(own, schema)
    case 'boolean':
      return own.chance(0.5)
    case 'null':
      return null
    default:
      return textOf(own, schema)
  }
}

function numberOf(own: Draw, { minimum = -1_000, maximum = 1_000, type }: Schema): number {
  if (own.chance(0.3)) return own.of([minimum, maximum, minimum - 1, maximum + 1, 0])
  const whole = own.int(Math.ceil(minimum), Math.min(Math.floor(maximum), Math.ceil(minimum) + 2 ** 31))
  return type === 'integer' ? whole : Math.min(maximum, whole + own.int(0, 9) / 10)
}

/** Numbers stand in a query as text: a pattern of digits gets digits. */
function textOf(own: Draw, { pattern }: Schema): string {
  if (pattern !== undefined && /\\d/.test(pattern) && own.chance(0.6))
    return own.of(['0', '1', '10', '500', '999999999999999', String(own.int(0, 2 ** 31)), '2026-07-06'])
  return own.of(texts)
}
