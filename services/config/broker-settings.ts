/** How devices connect: through the built-in broker or through an external one. */
import { isLoopback } from '../../broker/contract/rate/address-key.ts'
import { hostUrls } from '../../broker/contract/host-urls.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { SettingTexts } from './settings-schema.ts'

/** The built-in broker, or an external one: its address without the secret, of one host or several, and the credentials of Tilth there. */
export type BusSetting =
  | { kind: 'embedded' }
  | { kind: 'external'; url: string; userName?: string; password?: string }

/** Where Tilth keeps the users of devices: RabbitMQ's management API and its administrator. */
export interface BusUsers {
  /** of each node */
  urls: string[]
  userName: string
  password: string
}

/** MQTT over TLS: address and PEM files. */
export interface MqttTls {
  host: string
  port: number
  cert: string
  key: string
  clientCa: string | null // devices must present a certificate of this authority
}

/** MQTT over TLS, when its certificate is set. */
export function readTls({
  MQTT_TLS_CERT: cert,
  MQTT_TLS_KEY: key,
  MQTT_TLS_CLIENT_CA: clientCa,
  MQTTS_HOST: host,
  MQTTS_PORT: port,
}: SettingTexts): Result<MqttTls | null> {
  if (cert === '' && key === '')
    return clientCa === ''
      ? ok(null)
      : err('MQTT_TLS_CLIENT_CA needs MQTT_TLS_CERT and MQTT_TLS_KEY, both are empty')
  if (cert === '' || key === '')
    return err(
      `MQTT_TLS_CERT and MQTT_TLS_KEY must be set together, ${cert === '' ? 'MQTT_TLS_CERT' : 'MQTT_TLS_KEY'} is empty`,
    )
  return ok({
    host,
    port: Number(port),
    cert,
    key,
    clientCa: clientCa === '' ? null : clientCa,
  })
}

/** BUS, without the secret in its address. */
export function readBus(text: string): Result<BusSetting> {
  if (text === 'embedded:') return ok({ kind: 'embedded' })
  let urls: URL[]
  let user: string
  let secret: string
  try {
    urls = hostUrls(text).map((host) => new URL(host))
    user = decodeURIComponent(urls[0]!.username)
    secret = decodeURIComponent(urls[0]!.password)
  } catch {
    return err('BUS must be embedded: or look like mqtt://USER:SECRET@HOST:1883, got something else')
  }
  const isPlain = ({ hostname, pathname, search, hash }: URL) =>
    hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === ''
  if (!urls.every(isPlain))
    return err(
      'BUS must look like mqtt://USER:SECRET@HOST:1883 (%40 for @ in a secret), got a path, a query or no host',
    )
  return ok({
    kind: 'external',
    url: `${urls[0]!.protocol}//${urls.map(({ host }) => host).join(',')}`,
    ...(user === '' ? {} : { userName: user }),
    ...(secret === '' ? {} : { password: secret }),
  })
}

const BUS_USERS = 'BUS_USERS must look like rabbitmq:https://USER:SECRET@HOST:15672'

/** BUS_USERS. No error holds a part of it. */
export function readBusUsers(text: string, bus: BusSetting): Result<BusUsers | null> {
  if (text === '') return ok(null)
  if (bus.kind === 'embedded') return err('BUS_USERS needs an external broker in BUS, which is embedded:')
  let urls: URL[]
  let userName: string
  let password: string
  try {
    urls = hostUrls(text.slice('rabbitmq:'.length)).map((host) => new URL(host))
    userName = decodeURIComponent(urls[0]!.username)
    password = decodeURIComponent(urls[0]!.password)
  } catch {
    return err(`${BUS_USERS}, got something else`)
  }
  if (userName === '' || password === '') return err(`${BUS_USERS}, got no user or no secret`)
  if (!urls.every(({ pathname, search, hash }) => pathname === '/' && search === '' && hash === ''))
    return err(`${BUS_USERS} (%40 for @ in a secret), got a path or a query`)
  const isLocal = ({ hostname }: URL) => isLoopback(hostname.replace(/^\[|\]$/g, ''))
  if (urls.some((url) => url.protocol === 'http:' && !isLocal(url)))
    return err('BUS_USERS must use https: over plain HTTP everybody on the network can read its secret')
  return ok({ urls: urls.map(({ origin }) => origin), userName, password })
}
