/**
 * The schema of all settings. Validation, the error line, `npm start -- --help` and docs/settings.md are made from it
 * (`npm run schemas` writes the page).
 */
import Type, { type Static } from 'typebox'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** The annotations of a setting in the schema. */
export interface SettingInfo {
  group: string
  default: string
  description: string
  /** completes "NAME must ..." in the error line */
  must: string
  /** the value may hold a password or a token: an error shows its scheme only */
  isSecret?: boolean
}

interface Rules {
  pattern?: RegExp
  must?: string
  isSecret?: boolean
}

function group(title: string) {
  const text = (
    fallback: string,
    description: string,
    { pattern, must = 'be a text', isSecret }: Rules = {},
  ) =>
    Type.String({
      group: title,
      default: fallback,
      description,
      must,
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
      ...(isSecret === undefined ? {} : { isSecret }),
    })
  return {
    text,
    port: (fallback: string, description: string) => text(fallback, description, PORT),
    url: (schemes: readonly string[], fallback: string, description: string) =>
      text(fallback, description, {
        pattern: new RegExp(`^(${schemes.map(escape).join('|')})`),
        must: `begin with ${schemes.join(' or ')}`,
        isSecret: true,
      }),
    choice: <const Values extends readonly string[]>(
      values: Values,
      fallback: Values[number],
      description: string,
      must = `be one of ${values.join(', ')}`,
    ) => Type.Enum([...values] as Values[number][], { group: title, default: fallback, description, must }),
  }
}

const PORT: Rules = {
  pattern: /^0*(\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
  must: 'be a port between 0 and 65535',
}
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

const http = group('Dashboard and API')
const devices = group('Devices (MQTT)')
const storage = group('Storage')
const operation = group('Operation')
const notifications = group('Notifications and people')
const map = group('Map')
const files = group('Secrets from files')

export const settingsSchema = Type.Object({
  PORT: http.port('8080', 'HTTP port: dashboard, API and MQTT over WebSocket at /mqtt'),
  HOST: http.text('0.0.0.0', 'listen address for HTTP'),
  PUBLIC_URL: http.text('', 'https address of the dashboard behind a reverse proxy, or its name with HTTPS', {
    pattern: /^$|^https?:\/\/[^/]+$/,
    must: 'look like https://tilth.example.org',
  }),
  HTTPS: http.text(
    '',
    'own: Tilth makes its own authority and certificate, and /trust leads phones through it; acme:MAIL: in addition a public certificate for the name of PUBLIC_URL; CERT_FILE,KEY_FILE: your own PEM files; empty: plain HTTP, or a proxy',
    {
      pattern: /^$|^own$|^acme:[^\s,@]+@[^\s,@]+$|^(?!acme:)[^,]+,[^,]+$/,
      must: 'be own, acme:MAIL, CERT_FILE,KEY_FILE or empty',
    },
  ),
  HTTPS_PORT: http.port(
    '8443',
    'HTTPS port, with HTTPS; PORT then serves devices, and leads people to HTTPS',
  ),
  MDNS: http.text(
    'tilth',
    'name on the local network by multicast DNS, without .local; off: none; without effect where HOST is this machine only',
    {
      pattern: /^(off|[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?)$/,
      must: 'be off or a name of letters, digits and -',
    },
  ),
  ACME_DIRECTORY: http.text(
    'https://acme-v02.api.letsencrypt.org/directory',
    'with HTTPS=acme:MAIL: the authority that certifies the public name',
    { pattern: /^https?:\/\/[^\s]+$/, must: 'be the address of an ACME directory' },
  ),
  TRUSTED_PROXY: http.text(
    '',
    'addresses of that proxy, such as 10.0.0.5,172.16.0.0/12, whose X-Forwarded-For is trusted; with PUBLIC_URL the default is this machine',
    { must: 'hold addresses or ranges like 172.16.0.0/12' },
  ),
  HTTP_LIMITS: http.text(
    '',
    'rate limits that differ from the defaults, such as user=300,sign-in=10; none turns them off',
  ),

  MQTT_PORT: devices.port('1883', 'MQTT port without TLS'),
  MQTT_HOST: devices.text(
    '127.0.0.1',
    "listen address for MQTT without TLS; 0.0.0.0 opens it to the network, where anyone can read the devices' secrets",
  ),
  MQTT_WEBSOCKET: devices.choice(
    ['', 'local', 'network'],
    '',
    'who may connect to MQTT over WebSocket at /mqtt: local or network; the default is local, and network if MQTT_HOST is open or PUBLIC_URL is https, and MQTT_TLS_CLIENT_CA is not set',
    'be local, network or empty',
  ),
  MQTT_TLS_CERT: devices.text('', 'PEM file of the certificate for MQTT over TLS; empty: no TLS'),
  MQTT_TLS_KEY: devices.text('', 'PEM file of its key'),
  MQTT_TLS_CLIENT_CA: devices.text(
    '',
    'PEM file of the authority that must have signed the certificate of each device; empty: devices need none',
  ),
  MQTTS_PORT: devices.port('8883', 'MQTT port with TLS'),
  MQTTS_HOST: devices.text('0.0.0.0', 'listen address for MQTT over TLS'),
  MQTT_LIMITS: devices.text(
    '',
    'connection limits that differ from the defaults, such as packets=20,per-address=5000; none turns them off',
  ),
  BUS: devices.url(
    ['embedded:', 'mqtt://', 'mqtts://'],
    'embedded:',
    'embedded: (the built-in broker), or mqtt[s]://USER:SECRET@HOST:PORT of an external broker that devices connect to instead; of several nodes HOST1:PORT,HOST2:PORT',
  ),

  BUS_USERS: devices.text(
    '',
    'with BUS at RabbitMQ: its management API, where Tilth keeps the users of devices, as rabbitmq:https://USER:SECRET@HOST:15672, of several nodes HOST1:15672,HOST2:15672; empty: you keep them',
    {
      pattern: /^$|^rabbitmq:https?:\/\//,
      must: 'begin with rabbitmq:https:// or, on this machine, rabbitmq:http://',
      isSecret: true,
    },
  ),

  DATA_DIR: storage.text('data', 'folder of the databases and secrets', {
    pattern: /./,
    must: 'name a folder',
  }),
  ROLES: storage.choice(
    ['all', 'engine', 'api'],
    'all',
    'with STATE=postgres: what this node does: all; engine: plans, commands and stores readings, and serves the API without pages; api: serves pages and the API, and leaves the rest to the engine',
  ),
  STATE: storage.url(
    ['sqlite:', 'postgres:'],
    'sqlite:{DATA_DIR}/state.db',
    'database of farms and commands: sqlite:PATH or postgres://USER:SECRET@HOST:5432/DATABASE (PostgreSQL 15 or newer)',
  ),
  SERIES: storage.url(
    ['sqlite:', 'postgres:', 'influx1:', 'influx1s:', 'influx2:', 'influx2s:'],
    'sqlite:{DATA_DIR}/series.db',
    'database of readings: sqlite:PATH, postgres://USER:SECRET@HOST:5432/DATABASE[?keepMonths=36], influx1://[user:pass@]host:8086/db or influx2://host:8086/bucket?org=..&token=..',
  ),
  JOURNAL_MAX_SIZE: storage.text(
    '',
    'space for readings that wait for their store, such as 500M or 20G; empty: the whole disk',
    {
      pattern: /^$|^(1[6-9]|[2-9]\d|[1-9]\d{2,5})M$|^[1-9]\d{0,5}G$/,
      must: 'be a size of at least 16M, as 500M or 20G',
    },
  ),

  BACKUP_DIR: storage.text(
    '',
    'folder for a backup each night at 02:00, best on another disk; it holds the keys of the valves; empty: none is taken',
  ),
  BACKUP_KEEP: storage.text('14', 'days for which these backups are kept; the newest always stays', {
    pattern: /^[1-9]\d{0,3}$/,
    must: 'be a number of days from 1 to 9999',
  }),

  SETTINGS_FILE: operation.text(
    '',
    'file of settings in place of tilth.env in the working directory; only as a variable of the environment',
  ),
  PLANNING: operation.choice(
    ['on', 'off'],
    'on',
    'off: Tilth measures and shows, but neither plans nor opens valves',
  ),
  FORECAST: operation.url(
    ['climatology:', 'open-meteo:'],
    'climatology:',
    "weather forecast: climatology: (the farm's own records) or open-meteo:https://HOST",
  ),
  LOG_LEVEL: operation.choice(logLevels, 'info', `least severe log lines to write: ${logLevels.join(', ')}`),

  SMTP_URL: notifications.text(
    '',
    'mail server for notifications, as smtp://USER:PASSWORD@HOST:587; empty: no mail is sent',
    { pattern: /^$|^smtps?:\/\//, must: 'begin with smtp:// or smtps://', isSecret: true },
  ),
  MAIL_FROM: notifications.text('', 'sender of the mails, such as Tilth <tilth@example.org>'),
  NOTIFICATION_TARGETS: notifications.choice(
    ['public', 'any'],
    'public',
    'where webhooks and push messages may go: public (over https, to public addresses) or any (also to your own network)',
    'be public or any',
  ),
  SUPPORT_PHONE: notifications.text(
    '',
    'telephone number on the sign-in page for people who cannot sign in; empty: none',
    { pattern: /^[+\d ()./-]{0,40}$/, must: 'be a telephone number, as +81 25-123-4567' },
  ),

  MAP_TILES: map.text(
    '',
    'background images of the map, as https://HOST/{z}/{x}/{y}.png; each phone loads them from that host; empty: none',
  ),
  MAP_ATTRIBUTION: map.text('', 'attribution that the owner of these images requires'),

  STATE_FILE: files.text('', 'file whose text is STATE, for a password'),
  SERIES_FILE: files.text('', 'file whose text is SERIES, for a password or a token'),
  BUS_FILE: files.text('', 'file whose text is BUS'),
  BUS_USERS_FILE: files.text('', 'file whose text is BUS_USERS'),
  SMTP_URL_FILE: files.text('', 'file whose text is SMTP_URL'),
  SECRETS_FILE: files.text('', "file with the server's own secrets, instead of secrets.json in DATA_DIR"),
})

export type SettingTexts = Static<typeof settingsSchema>
export type SettingName = keyof SettingTexts

export const settingNames = Object.keys(settingsSchema.properties) as SettingName[]

/** `default` is text, as in the environment. */
export const settingInfo = (name: SettingName): SettingInfo =>
  settingsSchema.properties[name] as unknown as SettingInfo

/** Excludes inherited names such as `toString`. */
export const isSettingName = (name: string): name is SettingName =>
  Object.hasOwn(settingsSchema.properties, name)

/** The settings by group, in the order of the schema. */
export function settingGroups(): Map<string, SettingName[]> {
  const groups = new Map<string, SettingName[]>()
  for (const name of settingNames) {
    const { group: title } = settingInfo(name)
    groups.set(title, [...(groups.get(title) ?? []), name])
  }
  return groups
}

/** The known name that a misspelt one is closest to, at one or two edits; null: none. */
export function closestSetting(name: string): SettingName | null {
  const nearNames = settingNames
    .map((candidate) => ({ known: candidate, edits: editDistance(name.toUpperCase(), candidate) }))
    // in a short name two edits make another word
    .filter(({ known: candidate, edits }) => edits <= (candidate.length > 5 ? 2 : 1))
    .sort((a, b) => a.edits - b.edits)
  return nearNames[0]?.known ?? null
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}
