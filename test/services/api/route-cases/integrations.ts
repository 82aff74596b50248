/** Calls about networks of other makes and their devices, and what they need to be there. */
import type { BrokerJournal } from '../../../../broker/journal/journal.ts'
import type { State } from '../../../../services/ports.ts'
import { toJson, type DeviceRow } from '../../../../services/tables.ts'
import { integrationRow } from '../../../support/integration-row.ts'
import { chirpstackUplink } from '../../integrations/messages.ts'
import { NOW_MS } from '../rows.ts'
import type { RouteCase } from './route-case.ts'

const EUI = '24e124126a148401'
const SPARE_EUI = '24e124126a148403'
const UNKNOWN_EUI = '24e124126a148402'
const address = (org: string, eui = UNKNOWN_EUI) => ({
  integrationId: `${org}-integration`,
  address: `lw:${eui}`,
})
const assignment = (org: string) => ({
  ...address(org),
  profile: 'milesight-em500-smtc',
  name: 'x',
  farmId: `${org}-farm`,
  answers: { depthCm: 30 },
})
const valveForm = { driver: 'z2m-sonoff-swv', outlet: 1 }
const ofOtherIntegration = {
  with: (_: string, other: string) => ({ ...address(other), isHidden: true }),
}

export const integrationCases: Record<string, RouteCase> = {
  'GET /api/integrations': { kind: 'list' },
  'GET /api/unassigned-devices': { kind: 'list' },
  'GET /api/unread-messages': { kind: 'list' },
  'GET /api/device-profiles': { kind: 'self' },
  'POST /api/integrations': {
    kind: 'create',
    body: (org) => ({ name: 'x', kind: 'tasmota', farmId: `${org}-farm` }),
    refers: { farmId: { with: (_, other) => ({ name: 'x', kind: 'tasmota', farmId: `${other}-farm` }) } },
  },
  'PATCH /api/integrations/:id': {
    kind: 'object',
    id: (org) => `${org}-integration`,
    body: () => ({ name: 'y', secret: 'NNSXS.of-their-broker' }),
  },
  'POST /api/integrations/:id/rotate': { kind: 'object', id: (org) => `${org}-gateway` },
  'POST /api/integrations/:id/revoke': { kind: 'object', id: (org) => `${org}-gateway` },
  'DELETE /api/integrations/:id': { kind: 'object', id: (org) => `${org}-spare-gateway` },
  'POST /api/unassigned-devices/hide': {
    kind: 'create',
    body: (org) => ({ ...address(org), isHidden: false }),
    refers: { integrationId: ofOtherIntegration },
  },
  'GET /api/unassigned-devices/messages': {
    kind: 'list',
    query: `?integrationId=midori-integration&address=lw:${UNKNOWN_EUI}&profile=milesight-em500-smtc`,
    refers: { integrationId: { with: (_, other) => address(other) } },
  },
  'POST /api/unassigned-devices/assign': {
    kind: 'create',
    body: assignment,
    refers: {
      integrationId: {
        with: (own, other) => ({ ...assignment(own), integrationId: `${other}-integration` }),
      },
      fieldId: { with: (own, other) => ({ ...assignment(own), fieldId: `${other}-field` }) },
      farmId: { with: (own, other) => ({ ...assignment(own), farmId: `${other}-farm` }) },
      valves: { with: (own, other) => ({ ...assignment(own), valves: { V1: `${other}-zone` } }) },
    },
  },
  'POST /api/devices/:id/profile': {
    kind: 'object',
    id: (org) => `${org}-foreign`,
    body: () => ({ profile: 'dragino-lse01', answers: { depthCm: 20 } }),
  },
  'POST /api/devices/:id/read-again': { kind: 'object', id: (org) => `${org}-foreign` },
  'GET /api/devices/:id/valves': { kind: 'object', id: (org) => `${org}-zigbee-valve` },
  'POST /api/devices/:id/valves/:valve': {
    kind: 'object',
    id: (org) => `${org}-zigbee-valve`,
    body: () => valveForm,
    refers: {
      meterDeviceId: { with: (_, other) => ({ ...valveForm, meterDeviceId: `${other}-probe` }) },
      objectId: 'a name within the device',
    },
  },
  'PATCH /api/devices/:id/valves/:valve': {
    kind: 'object',
    id: (org) => `${org}-zigbee-valve`,
    body: () => ({ hasSecondValve: true }),
    refers: { meterDeviceId: { with: (_, other) => ({ meterDeviceId: `${other}-probe` }) } },
  },
  // no valve of another make runs in these tests: 409
  'POST /api/devices/:id/valves/:valve/test': {
    kind: 'object',
    id: (org) => `${org}-zigbee-valve`,
    ownStatus: 409,
    unaudited: 'nothing was started',
  },
  'POST /api/devices/:id/valves/:valve/unlock': {
    kind: 'object',
    id: (org) => `${org}-zigbee-valve`,
    ownStatus: 409,
    unaudited: 'nothing was unlocked',
  },
  'POST /api/devices/:id/unassign': { kind: 'object', id: (org) => `${org}-foreign` },
}

/** Integrations, an assigned probe with a message that its profile rejected, and one that nobody has assigned. */
export async function plantIntegrations(
  { state, journal }: { state: State; journal: Pick<BrokerJournal, 'deadLetter'> },
  org: string,
): Promise<void> {
  const farmId = `${org}-farm`
  await state
    .insertInto('integration')
    .values([
      integrationRow({
        id: `${org}-integration`,
        org,
        farmId,
        name: `${org} ChirpStack`,
        kind: 'chirpstack',
        url: 'mqtt://10.0.0.5',
        userName: 'tilth',
        secret: `${org} password`,
      }),
      integrationRow({ id: `${org}-gateway`, org, farmId, secretHash: `${org} hash` }),
      integrationRow({ id: `${org}-spare-gateway`, org, farmId }),
      integrationRow({ id: `${org}-zigbee`, org, farmId, kind: 'zigbee2mqtt' }),
    ])
    .execute()
  const probe = await state
    .selectFrom('device')
    .selectAll()
    .where('id', '=', `${org}-probe`)
    .executeTakeFirstOrThrow()
  // of the spare one no route reads a message again
  for (const [name, eui, version] of [
    ['foreign', EUI, 1],
    ['spare-foreign', SPARE_EUI, 2],
  ] as const) {
    await state
      .insertInto('device')
      .values({ ...probe, id: `${org}-${name}`, name: `${org} ${name}` })
      .execute()
    await state
      .insertInto('assignedAddress')
      .values({
        deviceId: `${org}-${name}`,
        org,
        ...address(org, eui),
        profile: 'milesight-em500-smtc',
        answers: toJson({ depthCm: 30 }),
      })
      .execute()
    await reject(journal, org, eui, version)
  }
  await plantValve(state, org, probe)
  const unassigned = chirpstackUplink(UNKNOWN_EUI, {}, { deviceName: `${org} unknown` })
  await state
    .insertInto('unassignedMessage')
    .values({
      ...address(org),
      topic: unassigned.topic,
      receivedMs: NOW_MS,
      seq: 1,
      org,
      isRetained: 0,
      payload: Buffer.from(unassigned.payload).toString('base64'),
      bytes: unassigned.payload.length,
    })
    .execute()
}

/** A valve behind Zigbee2MQTT. */
async function plantValve(state: State, org: string, like: DeviceRow): Promise<void> {
  const deviceId = `${org}-zigbee-valve`
  const integrationId = `${org}-zigbee`
  const device = {
    ...like,
    id: deviceId,
    name: `${org} valve`,
    kind: 'controller',
    commandKey: '00',
  } as const
  await state.insertInto('device').values(device).execute()
  await state
    .insertInto('assignedAddress')
    .values({
      deviceId,
      org,
      integrationId,
      address: 'z2m:v',
      profile: 'z2m-sonoff-swv',
      answers: toJson({}),
    })
    .execute()
  await state.insertInto('foreignController').values({ deviceId, org, integrationId, flash: null }).execute()
  await state
    .insertInto('foreignValve')
    .values({
      deviceId,
      valve: 'V1',
      org,
      driver: valveForm.driver,
      address: toJson({ via: 'zigbee2mqtt', root: 'zigbee2mqtt', name: 'v', outlet: 1 }),
      meterDeviceId: null,
      hasSecondValve: 0,
      wakeS: null,
      isSetUp: 0,
      testedProof: null,
      testedVersion: null,
      testedAtMs: null,
      test: null,
      state: null,
    })
    .execute()
}

/** A message that this version of the profile could not read. */
async function reject(
  journal: Pick<BrokerJournal, 'deadLetter'>,
  org: string,
  eui: string,
  version: number,
): Promise<void> {
  const { topic, payload } = chirpstackUplink(eui, { object: { moisture: 'ERR' } })
  await journal.deadLetter({
    receivedMs: NOW_MS,
    org,
    device: `${org}-integration`,
    topic,
    reason: `profile milesight-em500-smtc@${version}: moisture: expected a number, got "ERR"`,
    payload,
    bytes: payload.length,
    foreign: { integration: `${org}-integration`, topic, isRetained: false },
  })
}
