/** Foreign messages for tests, written from the public documentation of each ecosystem. */
import type { ForeignMessage } from '../../../services/integrations/foreign-message.ts'
import { decodeMessage, type DecodedMessage } from '../../../services/integrations/decode-message.ts'
import type { Assignment, Fields } from '../../../services/integrations/foreign-message.ts'
import type { IntegrationKind } from '../../../services/tables/integration.ts'
import type { EnvelopeOptions } from '../../../services/integrations/envelopes/read-envelope.ts'
import { readProfileFolders, shippedProfiles } from '../../../services/integrations/profiles/profile-files.ts'

export const RECEIVED_MS = Date.UTC(2026, 6, 6, 5, 20, 1)
export const shipped = readProfileFolders([shippedProfiles])

export const foreignMessage = (
  topic: string,
  payload: unknown,
  changes: Partial<ForeignMessage> = {},
): ForeignMessage => ({
  topic,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  isRetained: false,
  receivedMs: RECEIVED_MS,
  ...changes,
})

/** An uplink as ChirpStack v4 publishes it. */
export function chirpstackUplink(
  devEui: string,
  changes: Record<string, unknown> = {},
  deviceInfo: Record<string, unknown> = {},
): ForeignMessage {
  return foreignMessage(`application/app-1/device/${devEui}/event/up`, {
    deduplicationId: 'd-1',
    time: '2026-07-06T05:20:00.5+00:00',
    deviceInfo: { devEui, deviceName: 'North', deviceProfileName: 'EM500-SMTC', ...deviceInfo },
    devAddr: '01AB0001',
    fCnt: 7,
    fPort: 85,
    data: 'AXVkA2cZAQRocwV/8AA=',
    rxInfo: [
      { rssi: -110, snr: 2 },
      { rssi: -97, snr: 7.5 },
    ],
    ...changes,
  })
}

/** An uplink as The Things Stack v3 publishes it. */
export const thingsStackUplink = (
  device: string,
  uplink: Record<string, unknown>,
  changes: Record<string, unknown> = {},
): ForeignMessage =>
  foreignMessage(`v3/farm@ttn/devices/${device}/up`, {
    end_device_ids: { device_id: device, dev_eui: '70B3D57BA0001001', dev_addr: '260B0301' },
    received_at: '2026-07-06T05:20:00.9Z',
    uplink_message: { f_cnt: 3, f_port: 1, received_at: '2026-07-06T05:20:00.787Z', ...uplink },
    ...changes,
  })

/** What a message becomes for a device with a shipped profile. */
export function decodeWith(
  kind: IntegrationKind,
  profileName: string,
  message: ForeignMessage,
  {
    assignment = {},
    previous = null,
    options = {},
  }: {
    assignment?: Assignment
    previous?: Fields | null
    options?: EnvelopeOptions
  } = {},
): DecodedMessage {
  const profile = shipped.profiles.get(profileName)
  if (profile === undefined) throw new Error(`no profile ${profileName}`)
  return decodeMessage(kind, message, () => ({ profile, assignment, previous }), options)
}

/** The values as texts: `soil.moisture@30 57.5`. */
export const valuesOf = (decoded: DecodedMessage): string[] =>
  decoded.kind === 'read'
    ? decoded.reading.values.map(
        ({ quantity, depthCm, value }) =>
          `${quantity}${depthCm === null ? '' : `@${depthCm}`} ${value === null ? 'null' : Number(value.toPrecision(7))}`,
      )
    : [decoded.kind === 'unreadable' ? decoded.reason : decoded.kind]
