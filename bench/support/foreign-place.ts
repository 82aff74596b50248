/** Three gateways of other ecosystems, and the devices of the bench as devices behind them. */
import { join } from 'node:path'
import { hashSecret, newSecret } from '../../broker/access/authenticate.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { loadSecrets } from '../../services/config/secrets.ts'
import { toJson, type IntegrationKind } from '../../services/tables.ts'
import type { Publisher } from './generator.ts'
import type { Messages } from './messages.ts'
import { FARM, ORG } from './place.ts'

/** How the devices of an ecosystem are addressed and what they publish: one value of `quantity` in each message. */
interface Ecosystem {
  kind: IntegrationKind
  profile: string
  quantity: string
  addressOf(index: number): string
  topicOf(index: number): string
  payload(index: number, n: number, atMs: number, value: number): string
}

const euiOf = (index: number): string => `24e124126a${(0x1000 + index).toString(16).padStart(6, '0')}`

const ecosystems: readonly Ecosystem[] = [
  {
    kind: 'chirpstack',
    profile: 'milesight-em500-smtc',
    quantity: 'soil.moisture',
    addressOf: (index) => `lw:${euiOf(index)}`,
    topicOf: (index) => `application/17c82e96-be03-4f38-aef3-f83d48582d97/device/${euiOf(index)}/event/up`,
    // as in its documentation of integration events
    payload: (index, n, atMs, value) =>
      JSON.stringify({
        deduplicationId: `3ac7e3c4-4401-4b8d-9386-${n.toString(16).padStart(12, '0')}`,
        time: new Date(atMs).toISOString(),
        deviceInfo: {
          tenantId: '52f14cd4-c6f1-4fbd-8f87-4025e1d49242',
          tenantName: 'ChirpStack',
          applicationId: '17c82e96-be03-4f38-aef3-f83d48582d97',
          applicationName: 'Farm',
          deviceProfileId: '14855bf7-d10d-4aee-b618-ebfcb64dc7ad',
          deviceProfileName: 'EM500-SMTC',
          deviceName: `Probe ${index}`,
          devEui: euiOf(index),
          tags: {},
        },
        devAddr: '00189440',
        adr: true,
        dr: 5,
        fCnt: n,
        fPort: 85,
        confirmed: false,
        data: Buffer.from([0x04, 0x68, Math.round(value * 2), n & 255, (n >> 8) & 255]).toString('base64'),
        object: { moisture: value },
        rxInfo: [
          {
            gatewayId: '0016c001f153a14c',
            uplinkId: 4_217_106_255,
            rssi: -36,
            snr: 10.5,
            context: 'E3OWOQ==',
            metadata: { region_name: 'eu868', region_common_name: 'EU868' },
          },
        ],
        txInfo: {
          frequency: 867_100_000,
          modulation: { lora: { bandwidth: 125_000, spreadingFactor: 7, codeRate: 'CR_4_5' } },
        },
      }),
  },
  {
    kind: 'zigbee2mqtt',
    profile: 'z2m-tuya-ts0601-soil',
    quantity: 'soil.raw',
    addressOf: (index) => `z2m:bed-${index}`,
    topicOf: (index) => `zigbee2mqtt/bed-${index}`,
    payload: (_index, _n, atMs, value) =>
      JSON.stringify({ last_seen: new Date(atMs).toISOString(), linkquality: 132, soil_moisture: value }),
  },
  {
    kind: 'tasmota',
    profile: 'tasmota-sensor',
    quantity: 'air.temperature',
    addressOf: (index) => `tas:hut-${index}`,
    topicOf: (index) => `tele/hut-${index}/SENSOR`,
    // a device sends whole seconds, once in ten of them
    payload: (_index, _n, atMs, value) =>
      JSON.stringify({ Epoch: atMs / 1000, BME280: { Temperature: value }, TempUnit: 'C' }),
  },
]

const ecosystemOf = (index: number): Ecosystem => ecosystems[index % ecosystems.length]!
const gatewayOf = (index: number): string => `gateway-${ecosystemOf(index).kind}`

/** The quantity in the messages of a device. */
export const quantityOf = (index: number): string => ecosystemOf(index).quantity

/** Puts each device behind a gateway, in turn; returns the credentials with which their messages come. */
export async function moveBehindGateways(
  dataDir: string,
  devices: readonly Publisher[],
): Promise<Publisher[]> {
  const { pepper } = loadSecrets(dataDir)
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const secrets = new Map(ecosystems.map(({ kind }) => [`gateway-${kind}`, newSecret()]))
  try {
    for (const { kind } of ecosystems)
      await state
        .insertInto('integration')
        .values({
          id: `gateway-${kind}`,
          org: ORG,
          farmId: FARM,
          name: kind,
          kind,
          url: null,
          userName: null,
          secret: null,
          topics: null,
          state: 'on',
          secretHash: hashSecret(secrets.get(`gateway-${kind}`)!, pepper),
          previousSecretHash: null,
          createdAtMs: 0,
          revokedAtMs: null,
          definitions: null,
        })
        .execute()
    await state
      .insertInto('assignedAddress')
      .values(
        devices.map(({ id }, index) => ({
          deviceId: id,
          org: ORG,
          integrationId: gatewayOf(index),
          address: ecosystemOf(index).addressOf(index),
          profile: ecosystemOf(index).profile,
          answers: toJson({ depthCm: 30 }),
        })),
      )
      .execute()
  } finally {
    await close()
  }
  return devices.map(({ id }, index) => ({
    id,
    userName: gatewayOf(index),
    secret: secrets.get(gatewayOf(index))!,
    topic: ecosystemOf(index).topicOf(index),
  }))
}

/** The messages of devices behind the gateways: the instants and values of `own` in the formats of the ecosystems. */
export const foreignMessages = (own: Messages): Messages => ({
  ...own,
  payload(publisher, n) {
    own.payload(publisher, n)
    return ecosystemOf(publisher).payload(publisher, n, own.atMsOf(publisher, n)!, own.valueOf(n))
  },
})
