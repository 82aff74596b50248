/**
 * The settings: from the environment, or from a `tilth.env` file beside the start. A wrong setting stops the start
 * with one clear line that names the setting, what came and what was expected.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../broker/contract/result.ts'

export const roles = ['broker', 'ingest', 'plan', 'api'] as const
export type Role = (typeof roles)[number]
const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export interface Settings {
  host: string // HTTP
  port: number
  mqttHost: string
  mqttPort: number
  dataDir: string
  series: string
  state: string
  bus: string
  forecast: string
  roles: Role[]
  logLevel: (typeof logLevels)[number]
  publicUrl: string | null // how phones reach it, when behind a proxy with TLS
}

/** Every setting with its default and what it is for; README and the usage text are made from this table. */
export const settingsTable = {
  PORT: ['8080', 'HTTP: dashboard, API and MQTT over WebSocket at /mqtt'],
  HOST: ['0.0.0.0', 'address for HTTP'],
  MQTT_PORT: ['1883', 'MQTT for devices'],
  MQTT_HOST: ['0.0.0.0', 'address for MQTT'],
  DATA_DIR: ['data', 'folder of the databases and secrets'],
  SERIES: [
    'sqlite:{DATA_DIR}/series.db',
    'sqlite:PATH, influx1://[user:pass@]host:8086/db or influx2://host:8086/bucket?org=..&token=..',
  ],
  STATE: ['sqlite:{DATA_DIR}/state.db', 'sqlite:PATH'],
  BUS: ['embedded:', 'embedded: (the built-in broker)'],
  FORECAST: ['climatology:', "climatology: (the farm's own records) or open-meteo:https://HOST"],
  ROLES: [
    'broker,ingest,plan,api',
    'which parts run; without plan it measures and shows, and decides nothing',
  ],
  LOG_LEVEL: ['info', logLevels.join(', ')],
  PUBLIC_URL: ['', 'https address of the dashboard when it stands behind a proxy'],
} as const satisfies Record<string, readonly [string, string]>

type SettingName = keyof typeof settingsTable

/** Reads the settings. Unknown names in the file are an error: a misspelt setting must not be silently ignored. */
export function readSettings(env: Record<string, string | undefined>, file: string | null): Result<Settings> {
  const fromFile = parseEnvFile(file ?? '')
  if (!fromFile.ok) return fromFile
  const given: Record<string, string | undefined> = { ...fromFile.value, ...env }
  const text = (name: SettingName) => (given[name] ?? settingsTable[name][0]).trim()

  const dataDir = text('DATA_DIR')
  if (dataDir === '') return err('DATA_DIR must name a folder, got nothing')
  const place = (name: SettingName) => text(name).replace('{DATA_DIR}', dataDir)

  const port = parsePort('PORT', text('PORT'))
  if (!port.ok) return port
  const mqttPort = parsePort('MQTT_PORT', text('MQTT_PORT'))
  if (!mqttPort.ok) return mqttPort
  if (port.value !== 0 && port.value === mqttPort.value)
    return err(`PORT and MQTT_PORT must differ, both are ${port.value}`)

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
    ['BUS', ['embedded:']],
    ['FORECAST', ['climatology:', 'open-meteo:']],
  ]
  for (const [name, allowed] of schemes)
    if (!allowed.some((scheme) => place(name).startsWith(scheme)))
      return err(
        `${name} must begin with ${allowed.join(' or ')}, got ${place(name).replace(/\/\/.*@/, '//…@')}`,
      )

  const publicUrl = text('PUBLIC_URL')
  if (publicUrl !== '' && !/^https?:\/\/[^/]+$/.test(publicUrl))
    return err(`PUBLIC_URL must look like https://tilth.example.org, got ${publicUrl}`)

  return ok({
    host: text('HOST'),
    port: port.value,
    mqttHost: text('MQTT_HOST'),
    mqttPort: mqttPort.value,
    dataDir,
    series: place('SERIES'),
    state: place('STATE'),
    bus: place('BUS'),
    forecast: place('FORECAST'),
    roles: chosen as Role[],
    logLevel: logLevel as Settings['logLevel'],
    publicUrl: publicUrl === '' ? null : publicUrl,
  })
}

/** The text of `tilth.env` in a folder, or null where there is none. */
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
      return err(`tilth.env line ${index + 1} must look like NAME=value, got ${line.slice(0, 40)}`)
    const name = line.slice(0, equals).trim()
    if (!(name in settingsTable))
      return err(
        `tilth.env line ${index + 1}: no setting is called ${name}; there are ${Object.keys(settingsTable).join(', ')}`,
      )
    found[name] = line
      .slice(equals + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2')
  }
  return ok(found)
}

function parsePort(name: string, text: string): Result<number> {
  const port = Number(text)
  return /^\d+$/.test(text) && port <= 65_535
    ? ok(port)
    : err(`${name} must be a port between 0 and 65535, got ${text}`)
}
