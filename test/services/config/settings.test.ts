import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { envFileIn, readSettings, settingWarnings } from '../../../services/config/settings.ts'
import { settingInfo, settingNames } from '../../../services/config/settings-schema.ts'

const reason = (env: Record<string, string>, file: string | null = null) => {
  const settings = readSettings(env, file)
  return settings.ok ? 'accepted' : settings.error
}

describe('settings', () => {
  it('work without any setting', () => {
    const settings = readSettings({}, null)
    expect(settings).toMatchObject({
      ok: true,
      value: {
        port: 8080,
        mqttPort: 1883,
        series: 'sqlite:data/series.db',
        bus: { kind: 'embedded' },
        publicUrl: null,
      },
    })
  })

  it('follow DATA_DIR', () => {
    expect(readSettings({ DATA_DIR: '/var/lib/tilth' }, null)).toMatchObject({
      value: { state: 'sqlite:/var/lib/tilth/state.db' },
    })
  })

  it('come from tilth.env, and the environment wins', () => {
    expect(readSettings({ PORT: '81' }, '# the farm\nPORT=80\nMQTT_PORT="1884"\n')).toMatchObject({
      value: { port: 81, mqttPort: 1884 },
    })
  })

  it('come from the file that SETTINGS_FILE names, which must exist', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tilth-settings-'))
    try {
      const file = join(folder, 'farm.env')
      writeFileSync(file, 'PORT=82\n')
      writeFileSync(join(folder, 'tilth.env'), 'PORT=83\n')
      expect(envFileIn(folder, { SETTINGS_FILE: file })).toBe('PORT=82\n')
      expect(envFileIn(folder, {})).toBe('PORT=83\n')
      expect(() => envFileIn(folder, { SETTINGS_FILE: join(folder, 'none') })).toThrow('ENOENT')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it.each([
    [{ PORT: 'abc' }, 'PORT must be a port between 0 and 65535, got abc'],
    [{ PORT: '70000' }, 'PORT must be a port between 0 and 65535, got 70000'],
    [{ PORT: '1883' }, 'PORT and MQTT_PORT must differ, both are 1883'],
    [{ HTTPS: 'yes' }, 'HTTPS must be own, acme:MAIL, CERT_FILE,KEY_FILE or empty, got yes'],
    [
      { HTTPS: 'own', PUBLIC_URL: 'http://farm.local' },
      'PUBLIC_URL must begin with https:// when HTTPS is set, got http://farm.local',
    ],
    [
      { HTTPS: 'acme:aki@example.org' },
      'HTTPS=acme:MAIL needs the public name of the dashboard in PUBLIC_URL, as https://tilth.example.org, got nothing',
    ],
    [{ HTTPS: 'own', HTTPS_PORT: '8080' }, 'PORT and HTTPS_PORT must differ, both are 8080'],
    [{ MDNS: 'our farm' }, 'MDNS must be off or a name of letters, digits and -, got our farm'],
    [{ PLANNING: 'yes' }, 'PLANNING must be one of on, off, got yes'],
    [{ JOURNAL_MAX_SIZE: '15M' }, 'JOURNAL_MAX_SIZE must be a size of at least 16M, as 500M or 20G, got 15M'],
    [{ DATA_DIR: '' }, 'DATA_DIR must name a folder, got nothing'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of debug, info, warn, error, silent, got loud'],
    [{ BUS: 'redis:' }, 'BUS must begin with embedded: or mqtt:// or mqtts://, got redis:'],
    [
      { PUBLIC_URL: 'tilth.example.org' },
      'PUBLIC_URL must look like https://tilth.example.org, got tilth.example.org',
    ],
    [
      { SUPPORT_PHONE: 'call us' },
      'SUPPORT_PHONE must be a telephone number, as +81 25-123-4567, got call us',
    ],
    [
      { MAP_TILES: 'tiles.example.org' },
      'MAP_TILES must look like https://tile.example.org/{z}/{x}/{y}.png, got tiles.example.org',
    ],
    [
      { MAP_TILES: 'https://{s}.example.org/{z}/{x}/{y}.png', MAP_ATTRIBUTION: 'x' },
      'MAP_TILES must look like https://tile.example.org/{z}/{x}/{y}.png, got https://{s}.example.org/{z}/{x}/{y}.png',
    ],
    [
      { MAP_TILES: 'https://tile.example.org/{z}/{x}.png', MAP_ATTRIBUTION: 'x' },
      'MAP_TILES must have {z}, {x} and {y}, {y} is missing',
    ],
    [
      { MAP_TILES: 'https://tile.example.org/{z}/{x}/{y}.png' },
      'MAP_ATTRIBUTION must name the owner of MAP_TILES, got nothing',
    ],
    [
      { TRUSTED_PROXY: '10.0.0.5, the-proxy' },
      'TRUSTED_PROXY must hold addresses or ranges like 172.16.0.0/12, got the-proxy',
    ],
    [
      { TRUSTED_PROXY: '0.0.0.0/0' },
      'TRUSTED_PROXY must hold addresses or ranges like 172.16.0.0/12, got 0.0.0.0/0',
    ],
  ])('%o is rejected in one line', (env, expected) => expect(reason(env)).toBe(expected))

  it('BUS is the built-in broker or an external one, with its secret separated from its address', () => {
    const busOf = (BUS?: string) => {
      const settings = readSettings(BUS === undefined ? {} : { BUS }, null)
      return settings.ok ? settings.value.bus : settings.error
    }
    expect(busOf()).toEqual({ kind: 'embedded' })
    expect(busOf('mqtts://tilth:p%40ss%2Fword@mqtt.farm:8884/')).toEqual({
      kind: 'external',
      url: 'mqtts://mqtt.farm:8884',
      userName: 'tilth',
      password: 'p@ss/word',
    })
    expect(busOf('mqtt://127.0.0.1')).toEqual({ kind: 'external', url: 'mqtt://127.0.0.1' })
    expect(busOf('mqtts://tilth:s3cret@one.farm,two.farm:8884')).toMatchObject({
      url: 'mqtts://one.farm,two.farm:8884',
      userName: 'tilth',
    })
    expect(busOf('mqtt://tilth:s3cret@one.farm,two.farm/path')).toContain('got a path')
    expect(busOf('mqtt://tilth:s3cret@one.farm,')).not.toContain('s3cret')
  })

  it('ROLES of one node among several needs what the nodes share: STATE first, then BUS', () => {
    const STATE = 'postgres://tilth:s3cret@db/tilth'
    expect(reason({ ROLES: 'api' })).toBe(
      'ROLES=api needs the database of all nodes in STATE (postgres://USER:SECRET@HOST:5432/DATABASE): set it, or leave ROLES out',
    )
    expect(reason({ ROLES: 'engine', STATE })).toBe(
      'ROLES=engine needs the broker of all nodes in BUS (mqtt://USER:SECRET@HOST:1883): set it, or leave ROLES out',
    )
    const settings = readSettings({ ROLES: 'api', STATE, BUS: 'mqtt://tilth:s3cret@broker' }, null)
    expect(settings.ok && settings.value.roles).toBe('api')
  })

  it('BUS_USERS is a management API with its administrator, over https or on this machine; no error shows its secret', () => {
    const usersOf = (BUS_USERS: string, BUS = 'mqtt://127.0.0.1') => {
      const settings = readSettings({ BUS, BUS_USERS }, null)
      return settings.ok ? settings.value.busUsers : settings.error
    }
    expect(usersOf('')).toBeNull()
    expect(usersOf('rabbitmq:https://tilth-users:p%40ss@mqtt.farm:15672')).toEqual({
      urls: ['https://mqtt.farm:15672'],
      userName: 'tilth-users',
      password: 'p@ss',
    })
    expect(usersOf('rabbitmq:http://u:s@127.0.0.1:15672')).toMatchObject({ urls: ['http://127.0.0.1:15672'] })
    expect(usersOf('rabbitmq:https://u:s@one.farm:15672,two.farm:15672')).toMatchObject({
      urls: ['https://one.farm:15672', 'https://two.farm:15672'],
    })
    for (const [text, part] of [
      ['rabbitmq:http://u:s3cret@mqtt.farm:15672', 'must use https:'],
      ['rabbitmq:https://mqtt.farm:15672', 'no user or no secret'],
      ['rabbitmq:https://u:s3cret@mqtt.farm:15672/api', 'a path or a query'],
      ['rabbitmq:https://u:s3cret', 'something else'],
      ['https://u:s3cret@mqtt.farm:15672', 'must begin with rabbitmq:'],
    ] as const) {
      expect(usersOf(text)).toContain(part)
      expect(usersOf(text)).not.toContain('s3cret')
    }
    expect(usersOf('rabbitmq:https://u:s3cret@mqtt.farm', 'embedded:')).toBe(
      'BUS_USERS needs an external broker in BUS, which is embedded:',
    )
  })

  it.each([
    [
      { MQTT_TLS_CERT: 'a.pem' },
      'MQTT_TLS_CERT and MQTT_TLS_KEY must be set together, MQTT_TLS_KEY is empty',
    ],
    [
      { MQTT_TLS_KEY: 'a.pem' },
      'MQTT_TLS_CERT and MQTT_TLS_KEY must be set together, MQTT_TLS_CERT is empty',
    ],
    [
      { MQTT_TLS_CLIENT_CA: 'a.pem' },
      'MQTT_TLS_CLIENT_CA needs MQTT_TLS_CERT and MQTT_TLS_KEY, both are empty',
    ],
    [
      { MQTT_TLS_CERT: 'a', MQTT_TLS_KEY: 'b', MQTTS_PORT: '1883' },
      'MQTT_PORT and MQTTS_PORT must differ, both are 1883',
    ],
    [{ MQTT_WEBSOCKET: 'all' }, 'MQTT_WEBSOCKET must be local, network or empty, got all'],
  ])('%o is rejected in one line', (env, expected) => expect(reason(env)).toBe(expected))

  it.each([
    [{}, '127.0.0.1', 'local'],
    [{ MQTT_HOST: '0.0.0.0' }, '0.0.0.0', 'network'],
    [{ PUBLIC_URL: 'https://tilth.example.org' }, '127.0.0.1', 'network'],
    [{ PUBLIC_URL: 'http://farm' }, '127.0.0.1', 'local'],
    [{ MQTT_HOST: '0.0.0.0', MQTT_WEBSOCKET: 'local' }, '0.0.0.0', 'local'],
    [{ MQTT_WEBSOCKET: 'network' }, '127.0.0.1', 'network'],
  ])('%o: plain MQTT on %s, and over WebSocket from %s (B5)', (env, mqttHost, webSocketFrom) =>
    expect(readSettings(env, null)).toMatchObject({
      ok: true,
      value: { mqttHost, webSocketFrom, mqttTls: null },
    }),
  )

  it.each([
    [{}, 'local'],
    [{ MQTT_WEBSOCKET: 'network' }, 'network'],
  ])(
    '%o: where devices must present a certificate, WebSocket is open to %s: it cannot present one',
    (env, from) => {
      const tls = { MQTT_TLS_CERT: 'cert.pem', MQTT_TLS_KEY: 'key.pem', MQTT_TLS_CLIENT_CA: 'ca.pem' }
      const open = { MQTT_HOST: '0.0.0.0', PUBLIC_URL: 'https://tilth.example.org' }
      expect(readSettings({ ...tls, ...open, ...env }, null)).toMatchObject({
        ok: true,
        value: { webSocketFrom: from },
      })
    },
  )

  it.each([
    [{}, []],
    [{ PUBLIC_URL: 'https://tilth.example.org' }, ['127.0.0.0/8', '::1/128']],
    [
      { PUBLIC_URL: 'https://tilth.example.org', TRUSTED_PROXY: '10.0.0.5, fd00::/8' },
      ['10.0.0.5', 'fd00::/8'],
    ],
  ])('%o: the client address of a request is taken from %o (B8)', (env, trustedProxy) =>
    expect(readSettings(env, null)).toMatchObject({ ok: true, value: { trustedProxy } }),
  )

  it('MQTT over TLS is served when its files are named', () => {
    const files = { MQTT_TLS_CERT: '/tls/cert.pem', MQTT_TLS_KEY: '/tls/key.pem' }
    expect(readSettings(files, null)).toMatchObject({
      value: {
        mqttTls: { host: '0.0.0.0', port: 8883, cert: '/tls/cert.pem', key: '/tls/key.pem', clientCa: null },
      },
    })
  })

  it('never repeat a password of a store', () => {
    expect(reason({ SERIES: 'mysql://root:hunter2@db/x' })).not.toContain('hunter2')
  })

  it('mail notifications through a server and with a sender, and post them to public addresses by default', () => {
    expect(readSettings({}, null)).toMatchObject({ value: { mail: null, notificationTargets: 'public' } })
    const url = 'smtps://tilth:hunter2@mail.example.org'
    expect(readSettings({ SMTP_URL: url, MAIL_FROM: 'Tilth <tilth@example.org>' }, null)).toMatchObject({
      value: { mail: { url, from: 'Tilth <tilth@example.org>' } },
    })
    expect(reason({ SMTP_URL: url })).toBe(
      'SMTP_URL needs MAIL_FROM, the sender of notifications; it is empty',
    )
    expect(reason({ SMTP_URL: url, MAIL_FROM: 'me' })).toMatch(/^MAIL_FROM must be an address, .*got me$/)
    expect(reason({ SMTP_URL: 'https://tilth:hunter2@mail' })).not.toContain('hunter2')
    expect(reason({ NOTIFICATION_TARGETS: 'all' })).toBe(
      'NOTIFICATION_TARGETS must be public or any, got all',
    )
  })

  it('reject a misspelt name in tilth.env', () => {
    expect(reason({}, 'PROT=80')).toBe('tilth.env line 1: unknown setting PROT; did you mean PORT?')
    expect(reason({}, 'COLOUR=blue')).toContain(
      'unknown setting COLOUR; npm start -- --help lists all settings',
    )
    const token = `${'t0ken'.repeat(17)}==`
    for (const line of [token, token.replaceAll('=', '')]) expect(reason({}, line)).not.toContain('t0ken')
    expect(reason({}, 'what is this')).toContain('tilth.env line 1 must look like NAME=value')
  })

  it('all have a description', () => {
    for (const name of settingNames) expect(settingInfo(name).description, name).toMatch(/\w{3,}/)
  })

  it('PLANNING=off leaves planning and dispatch out', () => {
    expect(readSettings({}, null)).toMatchObject({ value: { isPlanning: true } })
    expect(readSettings({ PLANNING: 'off' }, null)).toMatchObject({ value: { isPlanning: false } })
  })

  it('in the environment get a warning when a name is nearly right, and only then', () => {
    expect(
      settingWarnings({ PROT: '80', DATADIR: '/srv', PORT_: '1', HOME: '/root', PATH: '/bin', USER: 'x' }),
    ).toEqual([
      'unknown setting PROT is ignored; did you mean PORT?',
      'unknown setting DATADIR is ignored; did you mean DATA_DIR?',
      'unknown setting PORT_ is ignored; did you mean PORT?',
    ])
  })
})
