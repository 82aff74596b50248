/** Reads every page, report and export of a server as a person would, by its own OpenAPI document. */
import { systemClock } from '../../../broker/contract/time.ts'
import { VALVE_FIELD } from './valve-world.ts'
import { FARM } from '../../support/place.ts'
import type { Person } from './person.ts'

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

/** The objects of `provision` and `provisionValves`, by the noun of a path. */
const objects: Record<string, readonly string[]> = {
  fields: [VALVE_FIELD],
  farms: [FARM],
  zones: ['controller-1-zone-1'],
  devices: ['controller-1', 'controller-2', 'probe-1'],
  paddies: [VALVE_FIELD],
}

const queries: Record<string, (nowMs: number) => readonly string[]> = {
  year: (nowMs) => [new Date(nowMs).toISOString().slice(0, 4)],
  from: (nowMs) => [String(nowMs - 86_400_000)],
  to: (nowMs) => [String(nowMs + 86_400_000)],
  quantity: () => ['water.flow/V1', 'water.total/V1', 'soil.moisture', 'air.temperature'],
  scheme: () => ['eu', 'us', 'jgap'],
}

/** GET of every operation, with the objects that exist and each report of this year. */
export async function readEverything(person: Person): Promise<Reading> {
  const document = await person.get<OpenApi>('/api/docs/json')
  const nowMs = systemClock.now()
  const reading: Reading = { responses: 0, failed: [], notFinite: [] }
  const paths = Object.entries(document.paths).flatMap(([path, { get }]) =>
    get === undefined || path === '/api/events' ? [] : addresses(path, get.parameters ?? [], nowMs),
  )
  for (const path of paths) {
    const { status, type, text } = await person.send('GET', path)
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
  nowMs: number,
): string[] {
  const ids = path.includes('{') ? (objects[path.split('/')[2]!] ?? ['1']) : ['']
  const filled = ids.map((id) => path.replace(/\{\w+\}/, id))
  return parameters
    .filter((parameter) => parameter.in === 'query' && parameter.name in queries)
    .reduce(
      (all, { name }) =>
        all.flatMap((address) =>
          queries[name]!(nowMs).map(
            (value) => `${address}${address.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`,
          ),
        ),
      filled,
    )
}
