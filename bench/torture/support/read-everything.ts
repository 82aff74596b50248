/** Reads every page, report and export of a server as a person would, by its own OpenAPI document. */
import { DAY_MS, systemClock } from '../../../broker/contract/time.ts'
import { VALVE_FIELD } from './valve-world.ts'
import { FARM } from '../../support/place.ts'
import type { Person } from './person.ts'

const RESPONSE_WITHIN_MS = 60_000

export interface Reading {
  responses: number
  /** 5xx, with the path */
  failed: string[]
  /** paths of responses with a number that is not finite */
  notFinite: string[]
}

interface OpenApi {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; required?: boolean }[] }>>
}

export interface Objects {
  /** ids by the noun of a path, for paths with a parameter */
  ids: Readonly<Record<string, readonly string[]>>
  /** of seasons and reports */
  year: number
}

/** The objects of `provision` and `provisionValves`, in this year. */
export const valveObjects = (): Objects => ({
  ids: {
    fields: [VALVE_FIELD],
    farms: [FARM],
    zones: ['controller-1-zone-1'],
    devices: ['controller-1', 'controller-2', 'probe-1'],
    paddies: [VALVE_FIELD],
  },
  year: new Date(systemClock.now()).getUTCFullYear(),
})

const queriesOf = ({ year }: Objects, nowMs: number): Record<string, readonly string[]> => ({
  year: [String(year)],
  from: [String(nowMs - DAY_MS)],
  to: [String(nowMs + DAY_MS)],
  quantity: ['water.flow/V1', 'water.total/V1', 'soil.moisture', 'air.temperature'],
  scheme: ['eu', 'us', 'jgap'],
})

/** GET of every operation, with the objects that exist and each report of the year. */
export async function readEverything(person: Person, objects: Objects): Promise<Reading> {
  const document = await person.get<OpenApi>('/api/docs/json')
  const queries = queriesOf(objects, systemClock.now())
  const reading: Reading = { responses: 0, failed: [], notFinite: [] }
  const paths = Object.entries(document.paths).flatMap(([path, { get }]) =>
    get === undefined || path === '/api/events'
      ? []
      : addresses(path, get.parameters ?? [], { ids: objects.ids, queries }),
  )
  for (const path of paths) {
    const { status, type, text } = await person.send('GET', path, undefined, RESPONSE_WITHIN_MS)
    reading.responses++
    if (status >= 500) reading.failed.push(`${status} ${path}: ${text.slice(0, 200)}`)
    if (!isFinite(type, text)) reading.notFinite.push(path)
  }
  return reading
}

/** Every number of JSON is finite, and no cell of CSV is the text of one that is not. */
function isFinite(type: string, text: string): boolean {
  if (type.includes('csv')) return !/(^|[,;"])-?(NaN|Infinity)($|[,;"])/m.test(text)
  if (!type.includes('json') || text === '') return true
  let isAllFinite = true
  // an export has a JSON value a line
  for (const line of type.includes('ndjson') ? text.trimEnd().split('\n') : [text])
    JSON.parse(line, (_, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) isAllFinite = false
      return value
    })
  return isAllFinite
}

function addresses(
  path: string,
  parameters: readonly { name: string; in: string; required?: boolean }[],
  { ids, queries }: Pick<Objects, 'ids'> & { queries: Record<string, readonly string[]> },
): string[] {
  const known = path.includes('{') ? (ids[path.split('/')[2]!] ?? ['1']) : ['']
  const filled = known.map((id) => path.replace(/\{\w+\}/, id))
  return parameters
    .filter((parameter) => parameter.in === 'query' && parameter.name in queries)
    .reduce(
      (all, { name }) =>
        all.flatMap((address) =>
          queries[name]!.map(
            (value) => `${address}${address.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`,
          ),
        ),
      filled,
    )
}
