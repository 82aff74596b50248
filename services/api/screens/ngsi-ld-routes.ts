/** Fields, devices and newest readings for FIWARE, read as in the API of NGSI-LD (ETSI GS CIM 009, 6.4 and 6.5). */
import Type from 'typebox'
import { fail } from '../../errors.ts'
import { readFieldGeojson } from '../../tables.ts'
import { listDevices } from '../devices/device-list.ts'
import { heartbeatMsOf, type App, type Context } from '../http/context.ts'
import { ApiError } from '../http/responses.ts'
import { OneOf } from '../http/validation/schema-primitives.ts'
import { readFieldSummaries } from './field-summaries.ts'
import {
  agriParcel,
  deviceEntity,
  entityTypes,
  measurement,
  type Entity,
  type EntityType,
} from './ngsi-ld-entities.ts'

const JSON_LD = 'application/ld+json'
const DEFAULT_LIMIT = 20

const Query = Type.Object({
  type: Type.Enum([...entityTypes], { description: 'the type of the entities' }),
  limit: Type.Optional(
    Type.String({ pattern: '^([1-9]\\d{0,2}|1000)$', description: '1 to 1000; default 20' }),
  ),
  offset: Type.Optional(
    Type.String({ pattern: '^\\d{1,7}$', description: 'how many entities to leave out' }),
  ),
})
const EntityId = Type.Object({
  id: Type.String({
    pattern: `^urn:ngsi-ld:(${entityTypes.join('|')}):.{1,200}$`,
    description: 'urn:ngsi-ld:TYPE:NAME',
  }),
})
const EntitySchema = Type.Object(
  { id: Type.String(), type: OneOf(...entityTypes), '@context': Type.Array(Type.String()) },
  { additionalProperties: true },
)

/** Need `read`. Entities are in the order of their ids; NGSILD-Results-Count is how many there are. */
export function ngsiLdRoutes(app: App, context: Context): void {
  app.get(
    '/ngsi-ld/v1/entities',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'List entities of NGSI-LD',
        querystring: Query,
        produces: [JSON_LD],
        response: { 200: Type.Array(EntitySchema), '4xx': ApiError, '5xx': ApiError },
      },
    },
    async ({ query, caller }, reply) => {
      const entities = await readEntities(context, caller.org, query.type)
      const offset = Number(query.offset ?? 0)
      const limit = Number(query.limit ?? DEFAULT_LIMIT)
      void reply.type(JSON_LD).header('ngsild-results-count', String(entities.length))
      return entities.slice(offset, offset + limit) as never
    },
  )
  app.get(
    '/ngsi-ld/v1/entities/:id',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'Get one entity of NGSI-LD',
        params: EntityId,
        produces: [JSON_LD],
        response: { 200: EntitySchema, '4xx': ApiError, '5xx': ApiError },
      },
    },
    async ({ params: { id }, caller }, reply) => {
      const entities = await readEntities(context, caller.org, id.split(':')[2] as EntityType)
      void reply.type(JSON_LD)
      const found = entities.find((entity) => entity.id === id)
      return (found ??
        fail('NOT_FOUND', `there is no entity ${id.slice(0, 120)} in this organisation`)) as never
    },
  )
}

async function readEntities(context: Context, org: string, type: EntityType): Promise<Entity[]> {
  const entities = await readers[type](context, org)
  return entities.sort((a, b) => (a.id < b.id ? -1 : 1))
}

const readers: Record<EntityType, (context: Context, org: string) => Promise<Entity[]>> = {
  async AgriParcel(context, org) {
    const { state, clock, settings } = context
    const times = { nowMs: clock.now(), heartbeatMs: heartbeatMsOf(settings) }
    const [fields, shapes] = await Promise.all([
      readFieldSummaries(context, org, times),
      state.selectFrom('field').select(['id', 'geojson']).where('org', '=', org).execute(),
    ])
    const shapeOf = new Map(shapes.map(({ id, geojson }) => [id, geojson]))
    return fields.map((field) => {
      const geojson = shapeOf.get(field.id) ?? null
      return agriParcel(field, geojson === null ? null : readFieldGeojson(geojson))
    })
  },
  async Device({ state, series, clock, settings }, org) {
    const [devices, latest] = await Promise.all([
      listDevices(state, org, clock.now(), heartbeatMsOf(settings)),
      series.latest({ org }),
    ])
    return devices
      .filter(({ revoked }) => !revoked)
      .map((device) =>
        deviceEntity(
          device,
          latest.filter((reading) => reading.device === device.id).map(({ quantity }) => quantity),
        ),
      )
  },
  async DeviceMeasurement({ series }, org) {
    const latest = await series.latest({ org })
    return latest.flatMap((reading) => measurement(reading) ?? [])
  },
}
