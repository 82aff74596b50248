/**
 * One valid call of every route of the API, in an order in which each succeeds: what the tests of access, audit,
 * secrets and hostile texts are made from. A route without a case fails the test in two-organisations.test.ts.
 * The cases stand by area in route-cases/.
 */
import type { TSchema } from 'typebox'
import type { RouteEntry } from '../../../services/api/http/access-control.ts'
import type { Method } from './test-api.ts'
import { account } from './route-cases/account.ts'
import { coOp } from './route-cases/co-op.ts'
import { farmCases } from './route-cases/farm.ts'
import { integrationCases } from './route-cases/integrations.ts'
import { orders } from './route-cases/orders.ts'
import { pestControl } from './route-cases/pest-control.ts'
import type { Known, RouteCase } from './route-cases/route-case.ts'
import { watching } from './route-cases/watching.ts'

export const routeCases: Record<string, RouteCase> = {
  ...watching,
  ...orders,
  ...pestControl,
  ...farmCases,
  ...integrationCases,
  ...coOp,
  ...account,
}

export const ofRoute = (route: string): [Method, string] => route.split(' ') as [Method, string]
export const isWriting = (route: string): boolean => !/^(GET|HEAD) /.test(route)

/** The routes as they are, without those that answer as another does, less its body. */
export const offered = (routes: readonly RouteEntry[]): RouteEntry[] =>
  routes.filter(({ method }) => method !== 'HEAD')

/** The address and body of a case, for an object of `of`. */
export function callOf(
  route: string,
  of: string,
  known: Known,
): { method: Method; url: string; body?: object } {
  const { id, body } = routeCases[route]!
  const [method] = ofRoute(route)
  return { method, url: addressOf(route, id?.(of, known) ?? ''), ...(body ? { body: body(of) } : {}) }
}

/** The address of a route for an object; a valve is always V1. */
export const addressOf = (route: string, id: string): string =>
  ofRoute(route)[1].replace(':id', encodeURIComponent(id)).replace(':valve', 'V1') +
  (routeCases[route]!.query ?? '')

/** Names in a route's body or query that may be another's object: `...Id`, `device`, `idem`, `valves`. */
export function namesObjects({ schema }: RouteEntry): string[] {
  const parts = [schema.body, schema.querystring] as (TSchema | undefined)[]
  return [...new Set(parts.flatMap(propertiesOf))]
    .filter((name) => /Ids?$|^(device|idem|valves)$/.test(name))
    .sort()
}

/** Its names, and those of the forms and lists within it. */
const propertiesOf = (schema: TSchema | undefined): string[] => {
  const {
    properties = {},
    allOf = [],
    anyOf = [],
    items,
  } = (schema ?? {}) as {
    properties?: Record<string, TSchema>
    allOf?: TSchema[]
    anyOf?: TSchema[]
    items?: TSchema
  }
  const within = [...Object.values(properties), ...allOf, ...anyOf, ...(items ? [items] : [])]
  return [...Object.keys(properties), ...within.flatMap(propertiesOf)]
}
