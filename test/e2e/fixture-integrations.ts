/** Networks of other makes on the fixture's farm, and what their devices send. */
import type { FastifyInstance } from 'fastify'
import { DAY_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import type {
  AddressRead,
  ForeignValveList,
  ForeignValveView,
  IntegrationCredentials,
  IntegrationList,
  IntegrationView,
  ProfileFit,
  ProfileList,
  UnassignedDevice,
  UnassignedList,
  UnreadMessages,
} from '../../services/api/schemas.ts'

const network = (id: string, name: string, changes: Partial<IntegrationView>): IntegrationView => ({
  id,
  name,
  kind: 'chirpstack',
  way: 'listen',
  farmId: 'sato',
  url: 'mqtt://192.168.1.10:1883',
  userName: null,
  hasSecret: true,
  topics: null,
  status: 'receiving',
  problem: null,
  messages: 412,
  lastMessageMs: null,
  devices: 3,
  createdAtMs: 0,
  homeAssistant: null,
  ...changes,
})

const soilFit: ProfileFit = {
  profile: 'milesight-em500-smtc',
  version: 1,
  title: 'Milesight EM500-SMTC',
  kind: 'probe',
  values: [
    { quantity: 'soil.moisture', depthCm: null, value: 21.4, unit: '% vol' },
    { quantity: 'soil.temperature', depthCm: null, value: 19.2, unit: '°C' },
    { quantity: 'soil.ec', depthCm: null, value: 0.24, unit: 'dS/m' },
  ],
  battery: { value: 87, unit: '%' },
  valves: [],
  questions: [{ name: 'depthCm', type: 'depth', default: 30 }],
  inputs: [],
  ignored: [],
  problem: null,
}

function unassigned(nowMs: number): UnassignedDevice[] {
  const device = (address: string, changes: Partial<UnassignedDevice>): UnassignedDevice => ({
    integrationId: 'chirpstack-1',
    integrationName: 'Hill gateway',
    integrationKind: 'chirpstack',
    address,
    name: null,
    model: null,
    messages: 12,
    lastMs: nowMs - 12 * MINUTE_MS,
    signal: { rssiDbm: -97, snrDb: 7.5 },
    place: null,
    fits: [],
    problem: null,
    isHidden: false,
    ...changes,
  })
  return [
    device('lw:24e124126a148401', { name: 'Orchard row 4', model: 'EM500-SMTC', fits: [soilFit] }),
    device('lw:a84041000181c061', {
      name: 'Lower terrace',
      lastMs: nowMs - 47 * MINUTE_MS,
      fits: [
        {
          ...soilFit,
          profile: 'dragino-lse01',
          title: 'Dragino LSE01',
          battery: { value: 3.58, unit: 'V' },
        },
        {
          ...soilFit,
          profile: 'dragino-se01-lb',
          title: 'Dragino SE01-LB',
          values: soilFit.values.slice(0, 2),
        },
      ],
    }),
    device('lw:0004a30b00f1c2d3', { model: 'own-device', lastMs: nowMs - 180 * MINUTE_MS, signal: null }),
    device('z2m:garden valve', {
      integrationId: 'zigbee-1',
      integrationName: 'Zigbee2MQTT',
      integrationKind: 'zigbee2mqtt',
      name: 'garden valve',
      model: 'SWV',
      lastMs: nowMs - 200 * MINUTE_MS,
      signal: null,
      fits: [
        {
          ...soilFit,
          profile: 'z2m-sonoff-swv',
          title: 'Sonoff SWV (Zigbee2MQTT)',
          kind: 'controller',
          values: [],
          valves: [{ valve: 'V1', position: 'closed' }],
          questions: [],
        },
      ],
    }),
  ]
}

const TEST_S = 2
const valve: ForeignValveView = {
  valve: 'V1',
  driver: 'tasmota-relay',
  refused: null,
  needs: null,
  isTrusted: true,
  isSleeping: false,
  meterDeviceId: null,
  hasSecondValve: false,
  wakeS: null,
  testedProof: null,
  testedAtMs: null,
  isTesting: false,
  test: null,
  lock: null,
  said: 'closed',
  mayRunLate: false,
}

const profiles: ProfileList = [
  { profile: 'dragino-lse01', version: 1, title: 'Dragino LSE01', kind: 'probe' },
  { profile: 'milesight-em300-th', version: 1, title: 'Milesight EM300-TH', kind: 'station' },
  { profile: 'milesight-em500-smtc', version: 1, title: 'Milesight EM500-SMTC', kind: 'probe' },
]

/** The routes of integrations. `hasNetworks` false: none is connected yet; a new one receives a message each second. */
export function serveIntegrations(
  app: FastifyInstance,
  { now, hasNetworks }: { now(): number; hasNetworks: boolean },
): void {
  const added: IntegrationView[] = []
  const hidden = new Set<string>()
  let testedMs: number | null = null
  let isUnlocked = false
  let settings: Partial<ForeignValveView> = {}
  let home: Pick<IntegrationView, 'homeAssistant'> = { homeAssistant: null }
  const networks = (): IntegrationView[] => [
    ...(hasNetworks
      ? [
          network('chirpstack-1', 'Hill gateway', { lastMessageMs: now() - 2 * MINUTE_MS }),
          network('zigbee-1', 'Zigbee2MQTT', {
            kind: 'zigbee2mqtt',
            status: 'failed',
            problem: 'unreachable',
            devices: 0,
          }),
          network('home-1', 'Home Assistant', { kind: 'home-assistant', ...home }),
        ]
      : []),
    ...added.map((view): IntegrationView => {
      const messages = Math.floor((now() - view.createdAtMs) / 1_000)
      return messages > 0 ? { ...view, messages, lastMessageMs: now(), status: 'receiving' } : view
    }),
  ]
  const listed = (): UnassignedDevice[] => (hasNetworks ? unassigned(now()) : [])

  app.get('/api/integrations', async (): Promise<IntegrationList> => ({
    integrations: networks(),
    ports: { mqtt: 1883, mqttTls: null },
  }))
  app.post<{ Body: Pick<IntegrationView, 'name' | 'kind'> & { url?: string } }>(
    '/api/integrations',
    async ({ body }): Promise<IntegrationCredentials> => {
      const id = '0b6f3c1e-5a51-4a0e-9a11-0c2f8f5f6d77'
      const { name, kind, url = null } = body
      added.push(
        network(id, name, { kind, url, status: 'waiting', messages: 0, devices: 0, createdAtMs: now() }),
      )
      return { id, org: 'sato', secret: url === null ? 'q7Yk2mN9vR4tXw8LbC3dF6gH1jK5pS0z' : null }
    },
  )
  app.patch<{ Body: typeof home }>('/api/integrations/home-1', async ({ body }) => {
    home = body
    return { ok: true }
  })
  app.get<{ Querystring: { hidden?: string } }>(
    '/api/unassigned-devices',
    async ({ query }): Promise<UnassignedList> => ({
      devices: listed().filter(({ address }) => hidden.has(address) === (query.hidden === 'yes')),
      hidden: hidden.size,
      isWhole: true,
    }),
  )
  app.get<{ Querystring: { address: string; profile?: string } }>(
    '/api/unassigned-devices/messages',
    async ({ query }): Promise<AddressRead> => ({
      fit:
        query.profile === undefined
          ? null
          : { ...soilFit, profile: query.profile, title: query.profile.toUpperCase() },
      messages: [
        {
          topic: 'application/7c1e/device/24e124126a148401/event/up',
          receivedMs: now() - 12 * MINUTE_MS,
          text: '{"deviceInfo":{"deviceName":"Orchard row 4","deviceProfileName":"EM500-SMTC"},"object":{"moisture":21.4,"temperature":19.2,"ec":240,"battery":87}}',
          bytes: 143,
        },
      ],
    }),
  )
  app.post<{ Body: { address: string; isHidden: boolean } }>(
    '/api/unassigned-devices/hide',
    async ({ body: { address, isHidden } }) => {
      if (isHidden) hidden.add(address)
      else hidden.delete(address)
      return { ok: true }
    },
  )
  app.post('/api/unassigned-devices/assign', async () => ({ id: 'probe-1' }))
  app.get('/api/device-profiles', async () => profiles)
  app.get('/api/unread-messages', async (): Promise<UnreadMessages[]> =>
    hasNetworks
      ? [
          {
            deviceId: 'probe-1',
            deviceName: 'North probe',
            profile: 'milesight-em500-smtc',
            version: 1,
            reason: 'moisture: expected a number, got "ERR"',
            count: 5,
            sinceMs: now() - 2 * DAY_MS,
            lastMs: now() - 30 * MINUTE_MS,
          },
        ]
      : [],
  )
  app.get('/api/devices/:id/valves', async (): Promise<ForeignValveList> => {
    const seconds = testedMs === null ? null : Math.floor((now() - testedMs) / 1_000)
    const isTesting = seconds !== null && seconds < TEST_S
    const isTested = seconds !== null && !isTesting
    return {
      valves: [
        {
          ...valve,
          isTesting,
          testedProof: isTested ? 'P2' : null,
          testedAtMs: isTested ? now() : null,
          test: isTested
            ? { openedAfterS: 4, closedAfterS: 61, proof: 'P2', by: 'itself', failure: null }
            : null,
        },
        {
          ...valve,
          valve: 'V2',
          needs: 'meter-or-second-valve',
          isTrusted: false,
          isSleeping: true,
          wakeS: 600,
          lock: isUnlocked ? null : 'BOUND_DIFFERS',
          ...settings,
        },
        {
          ...valve,
          valve: 'V3',
          refused: { code: 'VALVE_UNBOUNDED', why: 'no-timer' },
        },
      ],
      meters: [{ id: 'meter-1', name: 'Pump meter' }],
      choices: [
        {
          driver: 'tasmota-relay',
          refused: null,
          needs: null,
          isTrusted: true,
          longestMinutes: 30,
          outlets: 16,
          isSleeping: false,
        },
      ],
    }
  })
  app.patch<{ Body: Partial<ForeignValveView> }>('/api/devices/:id/valves/:valve', async ({ body }) => {
    settings = { ...settings, ...body }
    return { ok: true }
  })
  app.post('/api/devices/:id/valves/:valve/test', async () => {
    testedMs = now()
    return { ok: true }
  })
  app.post('/api/devices/:id/valves/:valve/unlock', async () => {
    isUnlocked = true
    return { ok: true }
  })
  app.post('/api/devices/:id/read-again', async () => ({ messages: 5 }))
  app.post('/api/devices/:id/profile', async () => ({ ok: true }))
}
