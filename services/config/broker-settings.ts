/** How devices connect: through the built-in broker or through an external one. */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { SettingName } from './settings-table.ts'

/** The built-in broker, or an external one: its address without the secret, and the credentials of Tilth there. */
export type BusSetting =
  { kind: 'embedded' } | { kind: 'external'; url: string; userName?: string; password?: string }

/** MQTT over TLS: address and PEM files. */
export interface MqttTls {
  host: string
  port: number
  cert: string
  key: string
  clientCa: string | null // devices must present a certificate of this authority
}

/** MQTT over TLS, when its certificate is set. */
export function readTls(text: (name: SettingName) => string): Result<MqttTls | null> {
  const cert = text('MQTT_TLS_CERT')
  const key = text('MQTT_TLS_KEY')
  const clientCa = text('MQTT_TLS_CLIENT_CA')
  if (cert === '' && key === '')
    return clientCa === ''
      ? ok(null)
      : err('MQTT_TLS_CLIENT_CA needs MQTT_TLS_CERT and MQTT_TLS_KEY, both are empty')
  if (cert === '' || key === '')
    return err(
      `MQTT_TLS_CERT and MQTT_TLS_KEY must be set together, ${cert === '' ? 'MQTT_TLS_CERT' : 'MQTT_TLS_KEY'} is empty`,
    )
  const port = parsePort('MQTTS_PORT', text('MQTTS_PORT'))
  if (!port.ok) return port
  return ok({
    host: text('MQTTS_HOST'),
    port: port.value,
    cert,
    key,
    clientCa: clientCa === '' ? null : clientCa,
  })
}

/** BUS, without the secret in its address. */
export function readBus(text: string): Result<BusSetting> {
  if (text === 'embedded:') return ok({ kind: 'embedded' })
  let url: URL
  let user: string
  let secret: string
  try {
    url = new URL(text)
    user = decodeURIComponent(url.username)
    secret = decodeURIComponent(url.password)
  } catch {
    return err('BUS must be embedded: or look like mqtt://USER:SECRET@HOST:1883, got something else')
  }
  if (url.hostname === '' || !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '')
    return err(
      'BUS must look like mqtt://USER:SECRET@HOST:1883 (%40 for @ in a secret), got a path, a query or no host',
    )
  return ok({
    kind: 'external',
    url: `${url.protocol}//${url.host}`,
    ...(user === '' ? {} : { userName: user }),
    ...(secret === '' ? {} : { password: secret }),
  })
}

/** A port number; 0 is any free port. */
export function parsePort(name: string, text: string): Result<number> {
  const port = Number(text)
  return /^\d+$/.test(text) && port <= 65_535
    ? ok(port)
    : err(`${name} must be a port between 0 and 65535, got ${text}`)
}
