/** Options of `npm run bench`: names of lines, and output. */
import { err, ok, type Result } from '../broker/contract/result.ts'
import { climates } from './loop/climates.ts'
import { recordNames } from './loop/record.ts'

// the peer follows the line it is compared with, so that other work on the machine affects both or neither
export const lineNames = [
  'latency',
  'foreign',
  'peer',
  'sustained',
  'ingest',
  'round-trip',
  'crash',
  'fleet',
  'chart',
  'footprint',
  'space',
  'science',
  'learning',
  'loop',
  'schedule',
  'report',
  'postgres',
  'rabbitmq',
  'web',
] as const
export type LineName = (typeof lineNames)[number]

/** Options of `loop`. */
export interface LoopOptions {
  /** names; null: all */
  climates: string[] | null
  seasons: number
  seed: string
  /** each figure must be met on each of so many seeds */
  seeds: number
  /** folder of validation data, for climates with a real record; null: none */
  dataDir: string | null
  /** the running product plays Tilth, not the decision core alone */
  isProduct: boolean
}

export interface Options {
  lines: LineName[]
  loop: LoopOptions
  isJson: boolean
  isShort: boolean
  isBuilt: boolean
  isHelp: boolean
}

export const USAGE = `usage: npm run bench -- [options] [line ...]

lines, all of them when none is named:
  latency    publish -> queryable at 2,000 messages a second
  foreign    the same with messages of ChirpStack, Zigbee2MQTT and Tasmota through gateways
  peer       mosquitto, Node-RED and InfluxDB under the same load
  sustained  stored per second with 200 publishers at full speed, and memory
  ingest     latency and sustained with the broker's guard on and off
  round-trip from a command to its controller's acknowledgement, 1,000 controllers with heartbeats
  crash      10 x kill -9 in mid-stream: acknowledged and lost
  fleet      10,000 devices: back after kill -9, plain and over TLS, memory, acknowledgements; an hour and a night of 10,000 fields
  chart      90 days and more of a field over HTTP, with half a year stored
  footprint  start, idle memory, and the size of the first page
  space      disk space of readings, in the series and in the journal
  science    a million field-days of the water balance and of degree days on one core
  learning   a night of learning for 1,000 probes
  schedule   30 zones on one pump, greedy and improved against the lower bound; 1,000 fields
  report     the season's workbook of 214 members, acknowledgements meanwhile, a season from roll-ups
  postgres   readings on PostgreSQL: appended, 90 days of a field over HTTP, a season from roll-ups
  rabbitmq   the same as latency at 1,000 messages a second through RabbitMQ with quorum queues, and 10 x kill -9 of it
  web        every page of 50 fields through Lighthouse, bytes, taps, no network; node-red-dashboard for comparison
  loop       whole seasons in closed loop: Tilth, timers, a sensor, a checkbook, and perfect foresight

options:
  --json     print the figures as JSON
  --short    a tenth of the time: to try a line, not for publishing
  --built    measure the existing dist/; otherwise it is rebuilt when a source is newer
  --help     this text
  of loop:
  --climates all | NAME[,NAME]   ${climates.map(({ name }) => name).join(', ')}
  --seasons N                    default 10
  --seed TEXT                    seed of weather and chance
  --seeds N                      default 3: the seeds TEXT-1, TEXT-2, ...; each figure must be met on each
  --product                      the running product plays Tilth, as npm run decide -- --product
  --data DIR                     real weather from validation data: ${recordNames.join(', ')}

BENCH_PROFILE=FOLDER: the servers of latency, sustained, round-trip, fleet and chart write a processor profile there when they end.
`

const flagNames = {
  '--json': 'isJson',
  '--short': 'isShort',
  '--built': 'isBuilt',
  '--help': 'isHelp',
} as const
const loopOptions = ['--climates', '--seasons', '--seed', '--seeds', '--data'] as const
type LoopOption = (typeof loopOptions)[number]
const MOST_SEASONS = 1000
const MOST_SEEDS = 20

/** The error names the unknown argument. */
export function readOptions(args: readonly string[]): Result<Options> {
  const options: Options = {
    lines: [],
    loop: { climates: null, seasons: 10, seed: '1', seeds: 3, dataDir: null, isProduct: false },
    isJson: false,
    isShort: false,
    isBuilt: false,
    isHelp: false,
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--product') options.loop.isProduct = true
    else if (arg in flagNames) options[flagNames[arg as keyof typeof flagNames]] = true
    else if ((loopOptions as readonly string[]).includes(arg)) {
      const problem = readLoop(options.loop, arg as LoopOption, args[++i])
      if (problem) return err(problem)
    } else if (arg.startsWith('-')) return err(`unknown option ${arg}`)
    else if (!(lineNames as readonly string[]).includes(arg))
      return err(`no line is called ${arg}; there are ${lineNames.join(', ')}`)
    else options.lines.push(arg as LineName)
  }
  // in table order, without duplicates
  options.lines = lineNames.filter((name) => options.lines.length === 0 || options.lines.includes(name))
  return ok(options)
}

/** Sets an option of `loop`; returns the problem, or null. */
function readLoop(loop: LoopOptions, option: LoopOption, value: string | undefined): string | null {
  if (value === undefined) return `${option} must be followed by a value, got nothing`
  if (option === '--seed') loop.seed = value
  else if (option === '--data') loop.dataDir = value
  else if (option === '--seasons' || option === '--seeds') {
    const count = Number(value)
    const most = option === '--seasons' ? MOST_SEASONS : MOST_SEEDS
    if (!Number.isInteger(count) || count < 1 || count > most)
      return `${option} must be a whole number from 1 to ${most}, got ${value}`
    loop[option === '--seasons' ? 'seasons' : 'seeds'] = count
  } else if (value !== 'all') {
    loop.climates = value.split(',')
    const knownNames = [...climates.map(({ name }) => name), ...recordNames]
    const unknown = loop.climates.find((name) => !knownNames.includes(name))
    if (unknown !== undefined) return `no climate is called ${unknown}; there are ${knownNames.join(', ')}`
  }
  return null
}
