/**
 * Downlinks through a network server. ChirpStack drops one that has expired (`expiresAt`); The Things Stack has no
 * expiry, so its queue is replaced, never added to, and emptied at the request's not-after. An open is never confirmed:
 * a network server sends a confirmed downlink again by itself. Source: ChirpStack integration.proto, The Things Stack
 * MQTT integration.
 */
import type { ChirpStackAddress, Expected, PublishStep, RequestIds, TtsAddress } from './driver-types.ts'
import type { Scalar } from './match.ts'
import { jsonMessage, publishJson } from './plan-parts.ts'

export type LorawanAddress = ChirpStackAddress | TtsAddress

/** One downlink. `expires`: not delivered after the request's not-after; a close may come late. */
export interface Downlink {
  fPort: number
  bytes: Uint8Array
  isConfirmed: boolean
  expires: boolean
}

/** ISO 8601 in whole seconds, rounded down: the farm's answer is never later than asked. */
const isoSeconds = (atMs: number): string =>
  new Date(Math.floor(atMs / 1000) * 1000).toISOString().replace('.000Z', 'Z')

/** The message that queues a downlink. */
export function downlink(to: LorawanAddress, ids: RequestIds, message: Downlink): PublishStep {
  const data = Buffer.from(message.bytes).toString('base64')
  if (to.via === 'chirpstack')
    return publishJson(`application/${to.applicationId}/device/${to.devEui}/command/down`, {
      id: ids.messageId,
      devEui: to.devEui,
      confirmed: message.isConfirmed,
      fPort: message.fPort,
      data,
      ...(message.expires ? { expiresAt: isoSeconds(ids.notAfterMs) } : {}),
    })
  return replaceQueue(to, [
    {
      f_port: message.fPort,
      frm_payload: data,
      priority: 'HIGH',
      confirmed: message.isConfirmed,
      correlation_ids: [correlationOf(ids)],
    },
  ])
}

/** Withdraws what waits for the valve: The Things Stack alone keeps an expired downlink. */
export const withdrawal = (to: LorawanAddress): PublishStep[] =>
  to.via === 'chirpstack' ? [] : [replaceQueue(to, [])]

// The Things Stack takes QoS 0 only
const replaceQueue = (to: TtsAddress, downlinks: object[]): PublishStep => ({
  ...publishJson(`v3/${to.application}/devices/${to.deviceId}/down/replace`, { downlinks }),
  qos: 0,
})

const correlationOf = ({ messageId }: RequestIds): string => `tilth:${messageId}`

/** The topic of a device's uplinks. */
export const uplinkTopicOf = (to: LorawanAddress): string =>
  to.via === 'chirpstack'
    ? `application/${to.applicationId}/device/${to.devEui}/event/up`
    : `v3/${to.application}/devices/${to.deviceId}/up`

/** A path in the decoded object of an uplink. */
export const decodedPath = (to: LorawanAddress, path: string): string =>
  `${to.via === 'chirpstack' ? 'object' : 'uplink_message.decoded_payload'}.${path}`

/** An uplink whose decoded object has this value. */
export const uplinkSays = (to: LorawanAddress, path: string, value: Scalar): Expected =>
  jsonMessage(uplinkTopicOf(to), { [decodedPath(to, path)]: value })

/** An uplink that holds these bytes. */
export const uplinkHolds = (to: LorawanAddress, frame: string): Expected => ({
  from: { topic: uplinkTopicOf(to) },
  match: { frame, at: to.via === 'chirpstack' ? 'data' : 'uplink_message.frm_payload' },
})

/** The network server's word that the downlink waits, null where it gives none. */
export const isQueued = (to: LorawanAddress, ids: RequestIds): Expected | null =>
  to.via === 'chirpstack'
    ? null
    : jsonMessage(`v3/${to.application}/devices/${to.deviceId}/down/queued`, {
        'correlation_ids[*]': correlationOf(ids),
      })

/** The network server's word that a gateway has transmitted it. */
export const isTransmitted = (to: LorawanAddress, ids: RequestIds): Expected =>
  to.via === 'chirpstack'
    ? jsonMessage(`application/${to.applicationId}/device/${to.devEui}/event/txack`, {
        queueItemId: ids.messageId,
      })
    : { from: { topic: `v3/${to.application}/devices/${to.deviceId}/down/sent` }, match: null }
