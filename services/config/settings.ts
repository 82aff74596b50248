/**
 * The settings: from the environment, or from a `tilth.env` file in the working directory. An invalid setting stops the
 * start with one line that names the setting, the expected value and the actual one.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { isLoopback } from '../../broker/contract/rate/address-key.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import {
  readBus,
  readBusUsers,
  readTls,
  type BusSetting,
  type BusUsers,
  type MqttTls,
} from './broker-settings.ts'
import { readHttps, type HttpsSetting } from './https-settings.ts'
import { readMail, type MailSettings } from './mail-settings.ts'
import { readMapTiles, type MapTiles } from './map-tiles.ts'
import { secretSettings, withSecretFiles } from './secret-files.ts'
import {
  closestSetting,
  isSettingName,
  logLevels,
  settingInfo,
  settingNames,
  settingsSchema,
  type SettingName,
  type SettingTexts,
} from './settings-schema.ts'

export interface Settings {
  host: string // HTTP
  port: number
  https: HttpsSetting | null // null: plain HTTP, or a proxy
  localName: string | null // by multicast DNS, without .local; null: none
  mqttHost: string
  mqttPort: number
  mqttTls: MqttTls | null
  webSocketFrom: 'local' | 'network' // who may connect with MQTT over WebSocket
  mqttLimits: string // read by broker/access/limits.ts
  dataDir: string
  journalMaxBytes: number | null // null: limited by the disk only
  series: string
  state: string
  roles: SettingTexts['ROLES'] // of this node, where several share STATE
  bus: BusSetting
  busUsers: BusUsers | null // null: a person keeps the users of an external broker
  backups: { dir: string; keepDays: number } | null // taken each night; null: none
  forecast: string
  isPlanning: boolean // false: measures and shows only
  logLevel: (typeof logLevels)[number]
  publicUrl: string | null // public address of the dashboard
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

const texts = Compile(settingsSchema)

/** Reads the settings. An unknown name in the file is an error: a misspelt setting must not be ignored silently. */
export function readSettings(env: Record<string, string | undefined>, file: string | null): Result<Settings> {
  const fromFile = parseEnvFile(file ?? '')
  if (!fromFile.ok) return fromFile
  const withFiles = withSecretFiles({ ...fromFile.value, ...env })
  if (!withFiles.ok) return withFiles
  const texts = withFiles.value
  const checked = checkTexts(texts)
  if (!checked.ok) return checked
  const text = checked.value

  const port = Number(text.PORT)
  const mqttPort = Number(text.MQTT_PORT)
  const mqttTls = readTls(text)
  if (!mqttTls.ok) return mqttTls
  const https = readHttps(text)
  if (!https.ok) return https
  const conflict = portConflict([
    ['PORT', port],
    ['HTTPS_PORT', https.value?.port ?? 0],
    ['MQTT_PORT', mqttPort],
    ['MQTTS_PORT', mqttTls.value?.port ?? 0],
  ])
  if (conflict !== null) return err(conflict)
  const bus = readBus(text.BUS)
  if (!bus.ok) return bus
  const busUsers = readBusUsers(text.BUS_USERS, bus.value)
  if (!busUsers.ok) return busUsers
  const isShared = text.STATE.startsWith('postgres:')
  if (text.ROLES !== 'all' && (!isShared || bus.value.kind === 'embedded'))
    return err(
      `ROLES=${text.ROLES} needs ${isShared ? 'the broker of all nodes in BUS (mqtt://USER:SECRET@HOST:1883)' : 'the database of all nodes in STATE (postgres://USER:SECRET@HOST:5432/DATABASE)'}: set it, or leave ROLES out`,
    )
  const mapTiles = readMapTiles(text.MAP_TILES, text.MAP_ATTRIBUTION)
  if (!mapTiles.ok) return mapTiles
  const trustedProxy = readTrustedProxy(text)
  if (!trustedProxy.ok) return trustedProxy
  const mail = readMail(text.SMTP_URL, text.MAIL_FROM)
  if (!mail.ok) return mail

  const inDataDir = (value: string) => value.replace('{DATA_DIR}', text.DATA_DIR)
  return ok({
    host: text.HOST,
    port,
    https: https.value,
    localName: text.MDNS === 'off' || isLoopback(text.HOST) ? null : text.MDNS,
    mqttHost: text.MQTT_HOST,
    mqttPort,
    mqttTls: mqttTls.value,
    webSocketFrom: text.MQTT_WEBSOCKET === '' ? defaultWebSocket(text) : text.MQTT_WEBSOCKET,
    mqttLimits: text.MQTT_LIMITS,
    dataDir: text.DATA_DIR,
    journalMaxBytes: parseBytes(text.JOURNAL_MAX_SIZE),
    series: inDataDir(text.SERIES),
    state: inDataDir(text.STATE),
    roles: text.ROLES,
    bus: bus.value,
    busUsers: busUsers.value,
    backups: text.BACKUP_DIR === '' ? null : { dir: text.BACKUP_DIR, keepDays: Number(text.BACKUP_KEEP) },
    forecast: text.FORECAST,
    isPlanning: text.PLANNING === 'on',
    logLevel: text.LOG_LEVEL,
    mail: mail.value,
    notificationTargets: text.NOTIFICATION_TARGETS,
    secretsFile: text.SECRETS_FILE || null,
    secretFiles: [
      ...secretSettings.map((name) => text[`${name}_FILE`]),
      text.SECRETS_FILE,
      text.MQTT_TLS_KEY,
      https.value?.kind === 'files' ? https.value.key : '',
    ].filter((path) => path !== ''),
    publicUrl: text.PUBLIC_URL || null,
    trustedProxy: trustedProxy.value,
    httpLimits: text.HTTP_LIMITS,
    mapTiles: mapTiles.value,
    supportPhone: text.SUPPORT_PHONE || null,
  })
}

/** One line for each variable of the environment that looks like a misspelt setting. */
export const settingWarnings = (env: Record<string, string | undefined>): string[] =>
  Object.keys(env).flatMap((name) => {
    const suggestion = isSettingName(name) ? null : closestSetting(name)
    return suggestion === null || env[suggestion] !== undefined
      ? []
      : `unknown setting ${name} is ignored; did you mean ${suggestion}?`
  })

/** Every setting as text, defaults filled in and checked by the schema. */
function checkTexts(givenTexts: Record<string, string | undefined>): Result<SettingTexts> {
  const value = Object.fromEntries(
    settingNames.map((name) => [name, (givenTexts[name] ?? settingInfo(name).default).trim()]),
  )
  if (texts.Check(value)) return ok(value)
  const [first] = texts.Errors(value)
  const name = first!.instancePath.slice(1) as SettingName
  const isFromFile = (givenTexts[`${name}_FILE`]?.trim() ?? '') !== ''
  return err(`${name} must ${settingInfo(name).must}, got ${displayed(name, value[name]!, isFromFile)}`)
}

/** A secret value may be a password or a token: the error shows its scheme only, and nothing of a file. */
function displayed(name: SettingName, text: string, isFromFile: boolean): string {
  if (!settingInfo(name).isSecret) return text.slice(0, 80) || 'nothing'
  if (isFromFile) return 'something else in the file'
  const scheme = /^[a-z][a-z0-9+.-]{0,15}:(?=\/\/|$)/i.exec(text)?.[0]
  return scheme ?? 'an unknown scheme'
}

function portConflict(ports: readonly (readonly [SettingName, number])[]): string | null {
  for (const [i, [name, port]] of ports.entries()) {
    const other = ports.slice(i + 1).find(([, taken]) => port !== 0 && taken === port)
    if (other) return `${name} and ${other[0]} must differ, both are ${port}`
  }
  return null
}

function readTrustedProxy(text: SettingTexts): Result<string[]> {
  const proxies = text.TRUSTED_PROXY.split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
  const invalid = proxies.find((address) => !isAddressOrRange(address))
  if (invalid !== undefined)
    return err(`TRUSTED_PROXY must ${settingInfo('TRUSTED_PROXY').must}, got ${invalid}`)
  return ok(proxies.length === 0 && text.PUBLIC_URL !== '' ? ['127.0.0.0/8', '::1/128'] : proxies)
}

/** Over WebSocket a device cannot present a certificate: where certificates are required, it must be enabled explicitly. */
function defaultWebSocket(text: SettingTexts): 'local' | 'network' {
  const isOpen =
    !/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(text.MQTT_HOST) || text.PUBLIC_URL.startsWith('https:')
  return isOpen && text.MQTT_TLS_CLIENT_CA === '' ? 'network' : 'local'
}

function parseBytes(text: string): number | null {
  if (text === '') return null
  return Number(text.slice(0, -1)) * 1024 ** (text.endsWith('G') ? 3 : 2)
}

/**
 * The text of `tilth.env` in a folder, or null when there is none. The variable SETTINGS_FILE names another file, which
 * must exist.
 */
export function envFileIn(folder: string, { SETTINGS_FILE: named = '' } = process.env): string | null {
  if (named.trim() !== '') return readFileSync(named.trim(), 'utf8')
  const path = join(folder, 'tilth.env')
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

function parseEnvFile(text: string): Result<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const location = `tilth.env line ${index + 1}`
    const equals = line.indexOf('=')
    if (equals < 1) return err(`${location} must look like NAME=value, got no name before a =`)
    const name = line.slice(0, equals).trim()
    if (!isSettingName(name)) return err(`${location}: ${unknownSetting(name)}`)
    values[name] = line
      .slice(equals + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2')
  }
  return ok(values)
}

function unknownSetting(name: string): string {
  // A long text before a = is not a name: a token on a line of its own may end in one.
  if (!/^\w{1,24}$/.test(name)) return 'unknown setting; npm start -- --help lists all settings'
  const suggestion = closestSetting(name)
  return `unknown setting ${name}; ${suggestion === null ? 'npm start -- --help lists all settings' : `did you mean ${suggestion}?`}`
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
