
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export const settingsTable = {
  PORT: ['8080', 'HTTP: dashboard, API and MQTT over WebSocket at /mqtt'],
  HOST: ['0.0.0.0', 'address for HTTP'],
  MQTT_PORT: ['1883', 'MQTT without TLS'],
  MQTT_HOST: [
    '127.0.0.1',
    "address for MQTT without TLS; 0.0.0.0 opens it to the network, where anyone can read the devices' secrets",
  ],
  MQTT_WEBSOCKET: [
    '',
    'who may speak MQTT over WebSocket at /mqtt: local or network; local unless MQTT_HOST is open or PUBLIC_URL is https, and no MQTT_TLS_CLIENT_CA is set',
  ],
  MQTT_TLS_CERT: ['', 'PEM file of the certificate for MQTT over TLS; without it there is none'],
  MQTT_TLS_KEY: ['', 'PEM file of its key'],
  MQTT_TLS_CLIENT_CA: [
    '',
    'PEM file of the authority whose certificate each device must show; empty: none asked',
  ],
  MQTTS_PORT: ['8883', 'MQTT over TLS'],
  MQTTS_HOST: ['0.0.0.0', 'address for MQTT over TLS'],
  MQTT_LIMITS: [
    '',
    'limits that differ from the standard ones, as packets=20,per-address=5000; none lifts them all',
  ],
  DATA_DIR: ['data', 'folder of the databases and secrets'],
  JOURNAL_MAX_SIZE: ['', 'what readings that wait for their store may take, as 500M or 20G; empty: the disk'],
  SERIES: [
    'sqlite:{DATA_DIR}/series.db',
    'sqlite:PATH, influx1://[user:pass@]host:8086/db or influx2://host:8086/bucket?org=..&token=..',
  ],
  STATE: ['sqlite:{DATA_DIR}/state.db', 'sqlite:PATH'],
  BUS: [
    'embedded:',
    'embedded: (the built-in broker), or mqtt[s]://USER:SECRET@HOST:PORT: the broker that devices connect to instead',
  ],
  FORECAST: ['climatology:', "climatology: (the farm's own records) or open-meteo:https://HOST"],
  ROLES: [
    'broker,ingest,plan,api',
    'which parts run; without plan it measures and shows, and decides nothing',
  ],
  LOG_LEVEL: ['info', logLevels.join(', ')],
  PUBLIC_URL: ['', 'https address of the dashboard when it stands behind a proxy'],
  TRUSTED_PROXY: [
    '',
    'addresses of that proxy, as 10.0.0.5,172.16.0.0/12: only they may say whom they speak for; with PUBLIC_URL this machine',
  ],
  SMTP_URL: ['', 'server that mails notices, as smtp://USER:PASSWORD@HOST:587; empty: none are mailed'],
  MAIL_FROM: ['', 'from whom they are, as Tilth <tilth@example.org>'],
  NOTIFICATION_TARGETS: [
    'public',
    'where webhooks and pushes may go: public (over https, to addresses that anybody can reach) or any (your own network too)',
  ],
  SERIES_FILE: ['', 'file whose text is SERIES, for a password or a token'],
  BUS_FILE: ['', 'file whose text is BUS'],
  SMTP_URL_FILE: ['', 'file whose text is SMTP_URL'],
  SECRETS_FILE: ['', "file with the server's own secrets, in place of secrets.json in DATA_DIR"],
  HTTP_LIMITS: ['', 'limits that differ from the standard ones, as user=300,sign-in=10; none lifts them all'],
  SUPPORT_PHONE: ['', 'telephone number on the page where people sign in, for whoever cannot; empty: none'],
  MAP_TILES: [
    '',
    'pictures behind the map of the fields, as https://HOST/{z}/{x}/{y}.png; each phone asks that host; empty: none',
  ],
  MAP_ATTRIBUTION: ['', 'who made these pictures, in the words that their owner asks for'],
} as const satisfies Record<string, readonly [string, string]>

export type SettingName = keyof typeof settingsTable
