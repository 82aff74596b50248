/**
 * Requests generated from the server's OpenAPI document: every route, with values that match the schemas, then mutated.
 */
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
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  pattern?: string
  minLength?: number
  $ref?: string
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
  components?: { schemas?: Record<string, Schema> }
  paths: Record<string, Record<string, RawOperation>>
}
interface RawOperation {
  parameters?: Operation['parameters']
  requestBody?: { content?: Record<string, { schema?: Schema }> }
}

/** Every route with every method. */
export const operationsOf = ({ paths, components = {} }: OpenApi): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: parameters.map((parameter) => ({
        ...parameter,
        schema: inlined(parameter.schema ?? {}, components),
      })),
      body: inlinedBody(requestBody?.content?.['application/json']?.schema, components),
    })),
  )

/** The schema with its references to shared schemas replaced by these. */
function inlined(schema: Schema, components: NonNullable<OpenApi['components']>): Schema {
  const { $ref, properties, items, anyOf, ...rest } = schema
  if ($ref !== undefined) return inlined(components.schemas?.[$ref.split('/').at(-1)!] ?? {}, components)
  const inner = (part: Schema) => inlined(part, components)
  return {
    ...rest,
    ...(anyOf && { anyOf: anyOf.map(inner) }),
    ...(items && { items: inner(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, inner(part)])),
    }),
  }
}

const inlinedBody = (schema: Schema | undefined, components: NonNullable<OpenApi['components']>) =>
  schema === undefined ? null : inlined(schema, components)

const benchIds = [
  'field-1',
  'field-2',
  'probe-1',
  'controller-1',
  'controller-1-zone-1',
  'farm-1',
  '1',
  'neighbour-farm',
]
const values = [
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

/** The ids that fit a path of the OpenAPI document. */
export type IdsOf = (path: string) => readonly string[]

/** Extremes of a number that a schema may let through, and numbers just beyond any bound. */
const extremes = [0, -0, -1, 5e-324, -5e-324, 1e308, -1e308, 2 ** 31, 2 ** 53 - 1, -(2 ** 53), 0.1, 1e-9]

/** The nth request of a seed; every route in turn. */
export function request(
  seed: string,
  number: number,
  operations: readonly Operation[],
  idsOf: IdsOf = () => benchIds,
): Request {
  const chance = draw(`${seed}/requests/${number}`)
  // every route in turn
  const { method, path, parameters, body } = operations[number % operations.length]!
  const ids = idsOf(path)
  const value = (schema: Schema | undefined) => {
    const valid = valueOf(chance, schema ?? {}, ids)
    return chance.chance(0.25) ? spoilValue(valid, chance) : valid
  }
  const text = (value: unknown) =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')
  const filledPath = path.replaceAll(/\{(\w+)\}/g, () =>
    escape(
      chance,
      // an object that is deleted is not read again
      chance.chance(method === 'DELETE' ? 0.05 : 0.8) ? chance.of(ids) : chance.of(strangeTexts),
    ),
  )
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && chance.chance(0.7))
    .map(({ name, schema }) => `${name}=${escape(chance, text(value(schema)))}`)
  if (chance.chance(0.05)) query.push(`${escape(chance, chance.of(strangeTexts))}=${chance.int(0, 9)}`)
  const content = body === null ? null : JSON.stringify(value(body))
  return {
    method,
    path: query.length === 0 ? filledPath : `${filledPath}?${query.join('&')}`,
    headers: headersOf(chance, content !== null),
    body:
      content !== null && chance.chance(0.1)
        ? content.slice(0, chance.int(0, content.length))
        : (content ?? null),
  }
}

/** URL-encoded; raw text may only contain characters of a request line. */
const escape = (chance: Draw, text: string): string => {
  const raw = text.toWellFormed().slice(0, 1_000)
  return chance.chance(0.95) ? encodeURIComponent(raw) : raw.replaceAll(/[^!-~]/g, '')
}

function headersOf(chance: Draw, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = hasBody ? { 'content-type': 'application/json' } : {}
  if (chance.chance(0.9)) return headers
  return {
    ...headers,
    ...chance.of<Record<string, string>>([
      { origin: 'https://elsewhere.example' },
      { host: chance.of(['farm.local:99999', 'a b', '[::1', '', 'x'.repeat(300)]) },
      {
        cookie: chance.of([
          'tilth.session_token=x',
          'tilth.session_token=%E0%A4%A',
          ';;;=',
          `a=${'b'.repeat(4_000)}`,
        ]),
      },
      { 'sec-fetch-site': 'cross-site' },
      {
        'content-type': chance.of([
          'text/plain',
          'application/json; charset=utf-16',
          'multipart/form-data',
          'x',
        ]),
      },
      { 'last-event-id': chance.of(['x', '00000000-1', '']) },
      { 'if-none-match': chance.of(['*', '"x"', '']) },
      { 'accept-encoding': 'br, x;q=2' },
      { 'x-forwarded-for': chance.of(['1.2.3.4', 'unknown', ',']) },
      { range: 'bytes=0-' },
    ]),
  }
}

function valueOf(chance: Draw, schema: Schema, ids: readonly string[]): unknown {
  if ('const' in schema) return schema.const
  if (schema.enum) return chance.of(schema.enum)
  if (schema.anyOf) return valueOf(chance, chance.of(schema.anyOf), ids)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) === true || chance.chance(0.6))
          .map(([key, part]) => [key, valueOf(chance, part, ids)]),
      )
    case 'array':
      return Array.from({ length: chance.int(0, 4) }, () => valueOf(chance, schema.items ?? {}, ids))
    case 'integer':
    case 'number':
      return numberOf(chance, schema)
    case 'boolean':
      return chance.chance(0.5)
    case 'null':
      return null
    default:
      return textOf(chance, schema, ids)
  }
}

function numberOf(chance: Draw, schema: Schema): number {
  const {
    type,
    minimum = schema.exclusiveMinimum ?? -1_000,
    maximum = schema.exclusiveMaximum ?? 1_000,
  } = schema
  if (chance.chance(0.1)) return chance.of([minimum - 1, maximum + 1, ...extremes])
  if (chance.chance(0.4)) {
    const within = extremes.filter(
      (value) => value >= minimum && value <= maximum && (type === 'number' || Number.isInteger(value)),
    )
    return chance.of([minimum, maximum, ...within])
  }
  const integer = chance.int(Math.ceil(minimum), Math.min(Math.floor(maximum), Math.ceil(minimum) + 2 ** 31))
  return type === 'integer' ? integer : Math.min(maximum, integer + chance.int(0, 9) / 10)
}

const dayTexts = ['2026-07-06', '2026-07-24', '2024-02-29', '1900-01-01', '2099-12-31', '2026-02-30']
const yearTexts = ['2026', '2025', '1900', '2099', '0000', '9999']
const digitTexts = ['0', '1', '10', '500', '1784838600000', '9999999999999', '999999999999999']

/** A pattern of a day, of a year or of digits gets such a text; so does a number in a query. */
function textOf(chance: Draw, { pattern, minLength = 0 }: Schema, ids: readonly string[]): string {
  if (pattern !== undefined && /\\d/.test(pattern) && chance.chance(0.9)) {
    if (pattern.includes('-')) return chance.of(dayTexts)
    return chance.of(/\\d\{[24]\}\$$/.test(pattern) ? yearTexts : digitTexts)
  }
  if (chance.chance(0.1)) return chance.of(values)
  return chance.chance(0.5) || minLength > 8 ? chance.of(ids) : chance.of(values)
}
