/** The simulator's command line. */
import { parseArgs } from 'node:util'
import { parseClaimCode } from '../broker/contract/claim-code.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Day } from '../broker/contract/time.ts'
import { isName } from '../broker/contract/topics.ts'
import { faultsUsage, parseFault, type FaultOrder } from './devices/faults.ts'
import { err, ok, type Result } from '../broker/contract/result.ts'
import { cropKinds, type CropName } from './field/crop-kinds.ts'
import type { Site } from './weather/weather-types.ts'

export const usage = `Devices that speak Tilth's wire, and the fields they stand in.

Devices alone, against a broker that knows them:
  npm run sim -- --connect mqtt://HOST:PORT --org ORG --credentials FILE
    --connect URL      mqtt://, mqtts://, ws:// or wss://
    --org ORG          the organisation in the topics
    --credentials FILE JSON list of { id, kind, secret, commandKey, field, fieldProfile, depthsCm, species, valves }
    --flash DIR        where devices keep what survives a power cut (default: beside the credentials)
    --sample S         seconds between samples (default 1200; a configuration from the server goes before it)
    --for TIME         stop after 90s, 30m, 2h or 5d of the devices' time (default: never)
${faultsUsage}
A new device, which claims its credentials first and keeps them in --credentials (default claimed.json):
  npm run sim -- --claim CODE --at http://HOST:PORT
    --claim CODE       from \`tilth device add\` or the dashboard; small letters and blanks do no harm. It goes on
                       asking until somebody has added the device
    --at URL           the dashboard's address (default http://localhost:8080)

A whole season through Tilth itself, as fast as it goes:
  npm run sim -- --weather FILE --from DAY --days N
    --days N           length of the season (default 150)
    --crop NAME        what grows (default: the season's own choice)
    SERIES=URL         in the environment: where its readings are kept

Both:
    --weather WHAT     a CSV of days, or normals:rice-plain, normals:semi-arid-plain (default normals:rice-plain)
    --site PLACE       LAT,LON,ELEVATION_M,TIME_ZONE of a CSV (default 33.069,-111.972,361,America/Phoenix)
    --from DAY         first day; with --connect the day of the CSV that is played as today
    --seed TEXT        another seed, another weather (default 1)
    --speed X          times real time (default 1; above 1 the broker's own clock must run as fast)
    --help
`

export interface SimOptions {
  connect: string | null
  org: string | null
  credentials: string | null
  claim: { code: string; at: string } | null
  flashDir: string | null
  sampleS: number | null
  forMs: number | null
  faults: FaultOrder[]
  weather: string
  /** null: the site of the normals */
  site: Site | null
  from: Day | null
  days: number
  seed: string
  speed: number
  /** null: the season's own choice */
  crop: CropName | null
}

/** The site of the sample file, AZMET Maricopa. */
const DEFAULT_SITE = '33.069,-111.972,361,America/Phoenix'
const UNIT_MS: Record<string, number> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** The options, or 'help'. The error names the flag. */
export function readOptions(argv: readonly string[]): Result<SimOptions | 'help'> {
  const flags = readFlags(argv)
  if (!flags.ok) return flags
  const flagValues = flags.value
  if (flagValues.help) return ok('help')
  const weather = flagValues.weather ?? 'normals:rice-plain'
  const isNormals = weather.startsWith('normals:')
  const site = flagValues.site || !isNormals ? readSite(flagValues.site ?? DEFAULT_SITE) : ok(null)
  if (!site.ok) return site
  if (flagValues.from !== undefined && !isDay(flagValues.from))
    return err(`--from: expected a day like 2012-04-15, got ${flagValues.from}`)
  if (flagValues.crop !== undefined && !(flagValues.crop in cropKinds))
    return err(`--crop: expected one of ${Object.keys(cropKinds).join(', ')}, got ${flagValues.crop}`)
  const numbers = readNumbers(flagValues)
  if (!numbers.ok) return numbers
  const faults = (flagValues.fault ?? []).map(parseFault)
  const invalid = faults.find((fault) => !fault.ok)
  if (invalid && !invalid.ok) return invalid
  if (faults.length > 0 && flagValues.connect === undefined && flagValues.claim === undefined)
    return err('--fault: goes with --connect, which is not there')
  if (flagValues.connect !== undefined) {
    if (!/^(mqtts?|wss?):\/\/./.test(flagValues.connect))
      return err(`--connect: expected mqtt://HOST:PORT or ws://HOST:PORT, got ${flagValues.connect}`)
    if (flagValues.claim === undefined && !isName(flagValues.org ?? ''))
      return err(`--org: expected [A-Za-z0-9_-]{3,40}, got ${flagValues.org ?? 'nothing'}`)
    if (flagValues.claim === undefined && flagValues.credentials === undefined)
      return err('--credentials: expected a file, got nothing')
  }
  const claim = readClaim(flagValues)
  if (!claim.ok) return claim
  return ok({
    connect: flagValues.connect ?? null,
    org: flagValues.org ?? null,
    credentials: flagValues.credentials ?? (claim.value === null ? null : 'claimed.json'),
    claim: claim.value,
    flashDir: flagValues.flash ?? null,
    weather,
    site: site.value,
    from: flagValues.from ?? null,
    seed: flagValues.seed ?? '1',
    crop: (flagValues.crop as CropName | undefined) ?? null,
    faults: faults.flatMap((fault) => (fault.ok ? [fault.value] : [])),
    ...numbers.value,
  })
}

type Flags = Partial<
  Record<
    | 'connect'
    | 'org'
    | 'credentials'
    | 'claim'
    | 'at'
    | 'flash'
    | 'sample'
    | 'for'
    | 'weather'
    | 'site'
    | 'from'
    | 'days'
    | 'seed'
    | 'speed'
    | 'crop',
    string
  >
> & { help?: boolean; fault?: string[] }

function readFlags(argv: readonly string[]): Result<Flags> {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        connect: text,
        org: text,
        credentials: text,
        claim: text,
        at: text,
        flash: text,
        sample: text,
        for: text,
        weather: text,
        site: text,
        from: text,
        days: text,
        seed: text,
        speed: text,
        crop: text,
        fault: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return ok(values as Flags)
  } catch (error) {
    return err((error as Error).message.split('. ')[0]!)
  }
}

function readClaim({ claim, at }: Flags): Result<SimOptions['claim']> {
  if (claim === undefined)
    return at === undefined ? ok(null) : err('--at: goes with --claim, which is not there')
  const code = parseClaimCode(claim)
  if (!code.ok) return err(`--claim: ${code.error.replace(/^code: /, '')}`)
  if (at !== undefined && !/^https?:\/\/[^/]+\/?$/.test(at))
    return err(`--at: expected http://HOST:PORT, got ${at}`)
  return ok({ code: code.value, at: (at ?? 'http://localhost:8080').replace(/\/$/, '') })
}

function readNumbers(flagValues: Flags): Result<Pick<SimOptions, 'sampleS' | 'forMs' | 'days' | 'speed'>> {
  const days = Number(flagValues.days ?? 150)
  if (!Number.isInteger(days) || days < 1)
    return err(`--days: expected a whole number from 1, got ${flagValues.days}`)
  const speed = Number(flagValues.speed ?? 1)
  if (!(speed > 0 && speed <= 100_000))
    return err(`--speed: expected above 0 to 100000, got ${flagValues.speed}`)
  const sampleS = flagValues.sample === undefined ? null : Number(flagValues.sample)
  if (sampleS !== null && !(sampleS >= 1))
    return err(`--sample: expected seconds from 1, got ${flagValues.sample}`)
  const duration = flagValues.for === undefined ? null : /^(\d+(?:\.\d+)?)([smhd])$/.exec(flagValues.for)
  if (flagValues.for !== undefined && !duration)
    return err(`--for: expected 90s, 30m, 2h or 5d, got ${flagValues.for}`)
  return ok({ days, speed, sampleS, forMs: duration ? Number(duration[1]) * UNIT_MS[duration[2]!]! : null })
}

function readSite(text: string): Result<Site> {
  const [lat, lon, elevation, timeZone = ''] = text.split(',').map((part) => part.trim())
  const [latDeg, lonDeg, elevationM] = [lat, lon, elevation].map((part) => (part ? Number(part) : NaN)) as [
    number,
    number,
    number,
  ]
  const isPlace = Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180 && Math.abs(elevationM) < 9_000
  if (!isPlace || !isTimeZone(timeZone))
    return err(`--site: expected LAT,LON,ELEVATION_M,TIME_ZONE, got ${text}`)
  return ok({ latDeg, lonDeg, elevationM, timeZone })
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '' && timeZone !== ''
  } catch {
    return false
  }
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
