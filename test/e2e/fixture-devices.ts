/** The devices of the fixture's farm. */
import type { FastifyInstance } from 'fastify'
import { DAY_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import type { ClaimCode, LabelRead } from '../../services/api/schemas.ts'
import type {
  DeviceCredentials,
  DeviceDetail,
  DeviceView,
} from '../../services/api/devices/device-schemas.ts'
import { cards } from './fixture-farm.ts'
import { letterGroups, lettersOf } from './fixture-letters.ts'

export function devices(nowMs: number): DeviceView[] {
  const device = (
    id: string,
    name: string,
    kind: DeviceView['kind'],
    fieldId: string | null,
    agoMin: number | null,
    batteryV: number | null,
    fields: Partial<DeviceView> = {},
  ): DeviceView => ({
    id,
    name,
    kind,
    fieldId,
    fieldName: cards().find((card) => card.id === fieldId)?.name ?? null,
    lastSeenMs: agoMin === null ? null : nowMs - agoMin * MINUTE_MS,
    everyS: 1200,
    fresh: agoMin === null ? 'never' : agoMin > 120 ? 'lost' : agoMin > 40 ? 'late' : 'ok',
    batteryV,
    batteryPercent: null,
    batteryLow: batteryV !== null && batteryV < 3,
    batteryLeft: null,
    integrationName: null,
    outageMs: null,
    latDeg: null,
    lonDeg: null,
    photoMs: null,
    revoked: false,
    claimableUntilMs: null,
    claimedMs: null,
    ...fields,
  })
  const silence = { outageMs: nowMs - 180 * MINUTE_MS }
  return [
    device('station-1', 'Weather hill', 'station', null, 4, 4.02),
    device('probe-1', 'North probe', 'probe', 'north-3', 10, 3.61, {
      batteryLeft: { mid: 6.2, lo: 4.1, hi: 9.3 },
      latDeg: 37.40195,
      lonDeg: 138.9006,
      photoMs: nowMs - 40 * DAY_MS,
    }),
    device('probe-river', 'River probe', 'probe', 'river-bend', 2880, 3.12),
    device('gauge-1', 'Paddy 7 gauge', 'gauge', 'paddy-7', 6, 3.9),
    device('probe-shrine', 'Shrine probe', 'probe', 'shrine-east', 70, 2.91),
    device('trap-1', 'Apple trap', 'trap', 'hill-2', null, null),
    device('controller-1', 'Pump house', 'controller', null, 0.3, 12.6),
    device('probe-hill-1', 'Hill probe 1', 'probe', 'hill-2', 181, 3.5, silence),
    device('probe-hill-2', 'Hill probe 2', 'probe', 'hill-2', 184, 3.52, silence),
    device('gauge-hill', 'Hill gauge', 'gauge', 'paddy-8', 190, 3.71, silence),
  ]
}

const ofNetworkIds = ['probe-1', 'controller-1']
/** As it is when its messages come from a network of another make. */
const ofNetwork: Partial<DeviceView> = { integrationName: 'Hill gateway', batteryPercent: 87 }
const foreign: DeviceDetail['foreign'] = {
  integrationId: 'chirpstack-1',
  integrationName: 'Hill gateway',
  integrationKind: 'chirpstack',
  address: 'lw:24e124126a148409',
  profile: 'milesight-em500-smtc',
  title: 'Milesight EM500-SMTC',
  version: 1,
  answers: { depthCm: 30 },
  questions: [{ name: 'depthCm', type: 'depth', default: 30 }],
  signal: { rssiDbm: -97, snrDb: 7.5 },
  ignored: ['leaf_colour', 'uptime'],
}

/** The text of a photographed label; test/services/api/devices/claims.test.ts reads the pixels. */
const label: LabelRead = { code: 'K3QF-7M2P-XR4T-9WBA-CDF0', kind: 'probe', valves: [] }

/** The routes of devices, including those that a test adds, and of rejected messages. */
export function serveDevices(
  app: FastifyInstance,
  { now, isEmpty, hasNetworks }: { now(): number; isEmpty: boolean; hasNetworks: boolean },
): void {
  const added = new Map<string, Partial<DeviceView> & Pick<DeviceView, 'id'>>()
  const allDevices = (): DeviceView[] => {
    const existing = devices(now())
    const blank = { ...existing.find(({ kind }) => kind === 'trap')!, fieldId: null, fieldName: null }
    const newDevices = [...added.values()].filter(({ id }) => !existing.some((device) => device.id === id))
    return [
      ...existing.map((device) => ({
        ...device,
        ...(hasNetworks && ofNetworkIds.includes(device.id) ? ofNetwork : {}),
        ...added.get(device.id),
      })),
      ...newDevices.map((device) => ({ ...blank, ...device })),
    ]
  }
  const change = (id: string, fields: Partial<DeviceView>): void =>
    void added.set(id, { ...added.get(id), ...fields, id })
  const photos = new Map<string, { thumbnail: string; picture: string }>()

  app.get('/api/dead-letters/reasons', async () => (isEmpty ? [] : letterGroups(now())))
  app.get<{ Querystring: { reason: string } }>('/api/dead-letters', async ({ query }) =>
    lettersOf(query.reason, now()),
  )
  app.get('/api/devices', async () => (isEmpty ? [] : allDevices()))
  app.get<{ Params: { id: string } }>(
    '/api/devices/:id',
    async ({ params: { id } }): Promise<DeviceDetail> => ({
      id,
      battery: {
        lowV: 3,
        atMs: Array.from({ length: 30 }, (_, i) => now() - (29 - i) * DAY_MS),
        v: Array.from({ length: 30 }, (_, i) => 3.61 + 0.0006 * (29 - i) ** 2 + 0.012 * Math.sin(i)),
      },
      foreign: hasNetworks && ofNetworkIds.includes(id) ? foreign : null,
      thumbnail: photos.get(id)?.thumbnail ?? (id === 'probe-1' ? PHOTO : null),
    }),
  )
  app.get<{ Params: { id: string } }>('/api/devices/:id/photo', async ({ params: { id } }) => ({
    atMs: allDevices().find((device) => device.id === id)?.photoMs ?? now(),
    picture: photos.get(id)?.picture ?? PHOTO,
  }))
  app.post<{ Params: { id: string } }>('/api/devices/:id/photo', async ({ params: { id }, body }) => {
    photos.set(id, body as { thumbnail: string; picture: string })
    change(id, { photoMs: now() })
    return { ok: true }
  })
  app.post<{ Params: { id: string } }>('/api/devices/:id/place', async ({ params: { id }, body }) => {
    change(id, (body as { at: { latDeg: number; lonDeg: number } }).at)
    return { ok: true }
  })
  app.post('/api/labels/read', async () => label)
  const codeFor = (id: string, body: unknown): ClaimCode => {
    const expiresMs = now() + DAY_MS
    change(id, { claimableUntilMs: expiresMs })
    const { code = 'WXYZ-7M2P-XR4T-9WBA-CDF0' } = body as { code?: string }
    return { id, org: 'niigata', code, expiresMs }
  }
  app.post('/api/claim-codes', async ({ body }) => {
    const { id, name, kind } = body as { id: string; name: string; kind: 'probe' }
    change(id, { name, kind })
    return codeFor(id, body)
  })
  app.post<{ Params: { id: string } }>('/api/devices/:id/claim-code', async ({ params: { id }, body }) =>
    codeFor(id, body),
  )
  app.post('/api/devices', async (request): Promise<DeviceCredentials> => {
    const { id, name, kind } = request.body as { id: string; name: string; kind: 'probe' }
    change(id, { name, kind })
    return { id, org: 'niigata', secret: 'k7Qm2v9XbT4sLw8d', commandKey: null }
  })
}

/** A box on a post in a field, 200 x 150, as JPEG. */
export const PHOTO =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCACWAMgDASIAAhEBAxEB/8QAGQABAAMBAQAAAAAAAAAAAAAAAAIDBQQB/8QAKhABAAAEBQMDBAMAAAAAAAAAAAEDE6ECM2JysRESUgQU4RUhY6JTZKP/xAAYAQEBAQEBAAAAAAAAAAAAAAAAAQMCBP/EABkRAQADAQEAAAAAAAAAAAAAAAABAhESIf/aAAwDAQACEQMRAD8A1AGzIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE6MzxuUZnjdNhclATozPG5RmeNzYMlATozPG6BqACgAAAAAAAAAAAAAAAAADtAYNQABxO1xO6ObADRwAAAAAAAACqrpuVdN3HdVxaKqum5V03O6mLRVV03Kum53UxaKqum5V03O6mLRVV03Kum53UxpDk97+P9kZnr+yXixUuvbCMend8Mth3rtGN9e/rf6fDsl+v75eHFS6d0IR6d3wbCz47XEl738f7KKum7qtohxb1aKqum5V03d91TFoqq6blXTc7qYtFVXTcq6bndTFoqq6blXTc7qYtFVXTcO6mKwHmUAAAAAAAAQn5EzbHhNCfkTNseAhjtiRkS9sOGO2JGRL2w4WWl0wEZgAAAAAAAAAAAAAAAAAAACE/ImbY8JoT8iZtjwEMdsSMiXthwx2xIyJe2HCy0umAjMAAAAAAAAAAAAAAAAAAAAQn5EzbHhNCfkTNseAhjtiRkS9sOGO2JGRL2w4WWl0wEZgAAAAAAAAAAAAAAAAAAACE/ImbY8JoT8iZtjwEMdsSMiXthwx2xIyJe2HCy0umAjMAAAAAAAAAAAAAAAAAAAAeYoQxYY4Y/eEYdIvQFHs5H8d4rsMIYcMMMPtCEOkHoGgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP//Z'
