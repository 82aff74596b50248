/**
 * The settings: from the environment, or from a `tilth.env` file in the working directory. An invalid setting stops
 * the start with one line that names the setting, the expected value and the actual one.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { parsePort, readBus, readTls, type BusSetting, type MqttTls } from './broker-settings.ts'
import { readMapTiles, type MapTiles } from './map-tiles.ts'
import { readMail, type MailSettings } from './mail-settings.ts'
import { secretSettings, withSecretFiles } from './secret-files.ts'
import { logLevels, settingsTable, type SettingName } from './settings-table.ts'

export const roles = ['broker', 'ingest', 'plan', 'api'] as const
export type Role = (typeof roles)[number]

export interface Settings {
  host: string // HTTP
  port: number
  mqttHost: string
  mqttPort: number
  mqttTls: MqttTls | null
  webSocketFrom: 'local' | 'network' // who may connect with MQTT over WebSocket
  mqttLimits: string // read by broker/access/limits.ts
  dataDir: string
  journalMaxBytes: number | null // null: limited by the disk only
  series: string
  state: string
  bus: BusSetting
  forecast: string
  roles: Role[]
  logLevel: (typeof logLevels)[number]
  publicUrl: string | null // public address of the dashboard behind a TLS proxy
  trustedProxy: string[] // proxies whose X-Forwarded-For is trusted
  httpLimits: string // read by services/api/http/limits.ts
  mapTiles: MapTiles | null
  supportPhone: string | null // shown to people who cannot sign in
  mail: MailSettings | null // null: no mail is sent
  notificationTargets: 'public' | 'any' // where webhooks and push messages may go
  secretsFile: string | null // replaces secrets.json in dataDir
  secretFiles: string[] // every file with a secret that a setting names
}

export type { MapTiles }

// a smaller limit could not hold one burst that waits for its commit
const LEAST_JOURNAL_BYTES = 16 * 1024 ** 2

/** Reads the settings. An unknown name in the file is an error: a misspelt setting must not be ignored silently. */
export function readSettings(env: Record<string, string | undefined>, file: string | null): Result<Settings> {
  const fromFile = parseEnvFile(file ?? '')
  if (!fromFile.ok) return fromFile
  const whole = withSecretFiles({ ...fromFile.value, ...env })
  if (!whole.ok) return whole
  const given = whole.value
  const text = (name: SettingName) => (given[name] ?? settingsTable[name][0]).trim()

  const dataDir = text('DATA_DIR')
  if (dataDir === '') return err('DATA_DIR must name a folder, got nothing')
  const isFromFile = (name: SettingName) => (given[`${name}_FILE`]?.trim() ?? '') !== ''
  const place = (name: SettingName) => text(name).replace('{DATA_DIR}', dataDir)

  const port = parsePort('PORT', text('PORT'))
  if (!port.ok) return port
  const mqttPort = parsePort('MQTT_PORT', text('MQTT_PORT'))
  if (!mqttPort.ok) return mqttPort
  if (port.value !== 0 && port.value === mqttPort.value)
    return err(`PORT and MQTT_PORT must differ, both are ${port.value}`)
  const mqttTls = readTls(text)
  if (!mqttTls.ok) return mqttTls
  if (mqttTls.value !== null && mqttTls.value.port !== 0)
    for (const [name, other] of [
      ['PORT', port.value],
      ['MQTT_PORT', mqttPort.value],
    ] as const)
      if (mqttTls.value.port === other) return err(`${name} and MQTTS_PORT must differ, both are ${other}`)

  const chosen = text('ROLES')
    .split(',')
    .map((role) => role.trim())
  const strange = chosen.find((role) => !(roles as readonly string[]).includes(role))
  if (strange !== undefined)
    return err(`ROLES must be some of ${roles.join(', ')}, got ${strange || 'nothing'}`)

  const needed = (['broker', 'ingest', 'api'] as const).find((role) => !chosen.includes(role))
  if (needed)
    return err(`ROLES must include broker, ingest and api; only plan may be left out; ${needed} is missing`)

  const logLevel = text('LOG_LEVEL')
  if (!(logLevels as readonly string[]).includes(logLevel))
    return err(`LOG_LEVEL must be one of ${logLevels.join(', ')}, got ${logLevel}`)

  const schemes: [SettingName, string[]][] = [
    ['SERIES', ['sqlite:', 'influx1:', 'influx1s:', 'influx2:', 'influx2s:']],
    ['STATE', ['sqlite:']],
    ['BUS', ['embedded:', 'mqtt://', 'mqtts://']],
    ['FORECAST', ['climatology:', 'open-meteo:']],
    ...(text('SMTP_URL') === ''
      ? []
      : [['SMTP_URL', ['smtp://', 'smtps://']] satisfies [SettingName, string[]]]),
  ]
  for (const [name, allowed] of schemes)
    if (!allowed.some((scheme) => place(name).startsWith(scheme)))
      return err(
        `${name} must begin with ${allowed.join(' or ')}, got ${schemeOnly(place(name), isFromFile(name))}`,
      )

  const journalMaxSize = readBytes(text('JOURNAL_MAX_SIZE'))
  if (!journalMaxSize.ok) return journalMaxSize

  const bus = readBus(text('BUS'))
  if (!bus.ok) return bus

  const mapTiles = readMapTiles(text('MAP_TILES'), text('MAP_ATTRIBUTION'))
  if (!mapTiles.ok) return mapTiles

  const publicUrl = text('PUBLIC_URL')
  if (publicUrl !== '' && !/^https?:\/\/[^/]+$/.test(publicUrl))
    return err(`PUBLIC_URL must look like https://tilth.example.org, got ${publicUrl}`)

  const trustedProxy = text('TRUSTED_PROXY')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
  const strangeProxy = trustedProxy.find((address) => !isAddressOrRange(address))
  if (strangeProxy !== undefined)
    return err(`TRUSTED_PROXY must hold addresses or ranges like 172.16.0.0/12, got ${strangeProxy}`)
  if (trustedProxy.length === 0 && publicUrl !== '') trustedProxy.push('127.0.0.0/8', '::1/128')

  const supportPhone = text('SUPPORT_PHONE')
  if (!/^[+\d ()./-]{0,40}$/.test(supportPhone))
    return err(
      `SUPPORT_PHONE must be a telephone number, as +81 25-123-4567, got ${supportPhone.slice(0, 80)}`,
    )

  const mail = readMail(text('SMTP_URL'), text('MAIL_FROM'))
  if (!mail.ok) return mail
  const notificationTargets = text('NOTIFICATION_TARGETS')
  if (notificationTargets !== 'public' && notificationTargets !== 'any')
    return err(`NOTIFICATION_TARGETS must be public or any, got ${notificationTargets}`)

  const from = text('MQTT_WEBSOCKET')
  if (!['', 'local', 'network'].includes(from))
    return err(`MQTT_WEBSOCKET must be local, network or empty, got ${from}`)
  const mqttHost = text('MQTT_HOST')
  const isOpen = !/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(mqttHost) || publicUrl.startsWith('https:')
  // over WebSocket a device cannot present a certificate: where certificates are required, this transport must be
  // enabled explicitly
  const asksForCertificate = mqttTls.value !== null && mqttTls.value.clientCa !== null
  const byItself = isOpen && !asksForCertificate ? 'network' : 'local'

  return ok({
    host: text('HOST'),
    port: port.value,
    mqttHost,
    mqttPort: mqttPort.value,
    mqttTls: mqttTls.value,
    webSocketFrom: from === '' ? byItself : (from as Settings['webSocketFrom']),
    mqttLimits: text('MQTT_LIMITS'),
    dataDir,
    journalMaxBytes: journalMaxSize.value,
    series: place('SERIES'),
    state: place('STATE'),
    bus: bus.value,
    forecast: place('FORECAST'),
    roles: chosen as Role[],
    logLevel: logLevel as Settings['logLevel'],
    mail: mail.value,
    notificationTargets,
    secretsFile: text('SECRETS_FILE') || null,
    secretFiles: [
      ...secretSettings.map((name) => text(`${name}_FILE`)),
      text('SECRETS_FILE'),
      text('MQTT_TLS_KEY'),
    ].filter((path) => path !== ''),
    publicUrl: publicUrl === '' ? null : publicUrl,
    trustedProxy,
    httpLimits: text('HTTP_LIMITS'),
    mapTiles: mapTiles.value,
    supportPhone: supportPhone === '' ? null : supportPhone,
  })
}

/** A long text before a = is not a name: a token on a line of its own may end in one. */
const nameOnly = (text: string): string => (/^\w{1,24}$/.test(text) ? text : 'the text before the =')

/** The value may be a password or a token: the error repeats its scheme only, and nothing of a file. */
function schemeOnly(text: string, isFromFile: boolean): string {
  if (isFromFile) return 'something else in the file'
  const scheme = /^[a-z][a-z0-9+.-]{0,15}:(?=\/\/|$)/i.exec(text)?.[0]
  return scheme ?? 'an unknown scheme'
}

function readBytes(text: string): Result<number | null> {
  if (text === '') return ok(null)
  const [, count, unit] = /^(\d{1,6})([MG])$/.exec(text) ?? []
  const bytes = Number(count ?? 0) * 1024 ** (unit === 'G' ? 3 : 2)
  return bytes >= LEAST_JOURNAL_BYTES
    ? ok(bytes)
    : err(`JOURNAL_MAX_SIZE must be a size of at least 16M, as 500M or 20G, got ${text}`)
}

/** The text of `tilth.env` in a folder, or null when there is none. */
export function envFileIn(folder: string): string | null {
  const path = join(folder, 'tilth.env')
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

function parseEnvFile(text: string): Result<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    if (equals < 1)
      return err(`tilth.env line ${index + 1} must look like NAME=value, got no name before the =`)
    const name = line.slice(0, equals).trim()
    if (!(name in settingsTable))
      return err(
        `tilth.env line ${index + 1}: no setting is called ${nameOnly(name)}; there are ${Object.keys(settingsTable).join(', ')}`,
      )
    found[name] = line
      .slice(equals + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2')
  }
  return ok(found)
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  // a range of all addresses would trust everyone
  return (
    bits === undefined ||
    (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  )
}
