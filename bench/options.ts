/** What `npm run bench` may be asked: names of lines, and how to print. */
import { err, ok, type Result } from '../broker/contract/result.ts'
import { climates } from './loop/climates.ts'
import { recordNames } from './loop/record.ts'

// the peer follows the line that it is held against: others may be working on the machine, in both or in neither
export const lineNames = [
  'latency',
  'peer',
  'sustained',
  'ingest',
  'round-trip',
  'crash',
  'chart',
  'footprint',
  'space',
  'science',
  'learning',
  'loop',
  'schedule',
  'report',
  'web',
] as const
export type LineName = (typeof lineNames)[number]

/** What `loop` runs over. */
export interface LoopOptions {
  /** names; null: all */
  climates: string[] | null
  seasons: number
  seed: string
  /** folder of validation data, for the climates with a real record; null: none */
  dataDir: string | null
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
  peer       mosquitto, Node-RED and InfluxDB under the same load
  sustained  stored a second with 200 publishers that never rest, and memory
  ingest     latency and sustained with the broker's guard on and off, side by side
  round-trip from a command to its controller's answer, 1,000 controllers with heartbeats
  crash      10 x kill -9 in mid-stream: what was acknowledged and lost
  chart      90 days and more of a field over HTTP, with half a year stored
  footprint  start, idle memory, and what the first page loads
  space      what readings take on the disk, in the series and while they wait
  science    a million field-days of the water balance and of degree days on one core
  learning   a night of learning for 1,000 probes
  schedule   30 zones on one pump, greedy and improved beside what no plan beats; 1,000 fields
  report     the season's workbook of 214 members, acknowledgements meanwhile, a season from roll-ups
  web        every page of 50 fields through Lighthouse, bytes, taps, no network; node-red-dashboard beside it
  loop       whole seasons in closed loop: Tilth, timers, a sensor, a checkbook, and one who knows all

options:
  --json     print the figures as JSON
  --short    a tenth of the time: to try a line out, not for publishing
  --built    measure dist/ as it stands; otherwise it is built when a source is newer
  --help     this text
  of loop:
  --climates all | NAME[,NAME]   ${climates.map(({ name }) => name).join(', ')}
  --seasons N                    10 when not said
  --seed TEXT                    other weather and luck
  --data DIR                     real weather of validation data: ${recordNames.join(', ')}

BENCH_PROFILE=FOLDER: the servers of latency, sustained, round-trip and chart write a processor profile there when they end.
`

const flagNames = {
  '--json': 'isJson',
  '--short': 'isShort',
  '--built': 'isBuilt',
  '--help': 'isHelp',
} as const
const loopOptions = ['--climates', '--seasons', '--seed', '--data'] as const
type LoopOption = (typeof loopOptions)[number]
const MOST_SEASONS = 1000

/** The reason names the argument that is not known. */
export function readOptions(args: readonly string[]): Result<Options> {
  const options: Options = {
    lines: [],
    loop: { climates: null, seasons: 10, seed: '1', dataDir: null },
    isJson: false,
    isShort: false,
    isBuilt: false,
    isHelp: false,
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg in flagNames) options[flagNames[arg as keyof typeof flagNames]] = true
    else if ((loopOptions as readonly string[]).includes(arg)) {
      const problem = readLoop(options.loop, arg as LoopOption, args[++i])
      if (problem) return err(problem)
    } else if (arg.startsWith('-')) return err(`unknown option ${arg}`)
    else if (!(lineNames as readonly string[]).includes(arg))
      return err(`no line is called ${arg}; there are ${lineNames.join(', ')}`)
    else options.lines.push(arg as LineName)
  }
  // in the order of the table, each once
  options.lines = lineNames.filter((name) => options.lines.length === 0 || options.lines.includes(name))
  return ok(options)
}

/** Takes an option of `loop` in; gives what is wrong with it, or null. */
function readLoop(loop: LoopOptions, option: LoopOption, value: string | undefined): string | null {
  if (value === undefined) return `${option} must be followed by a value, got nothing`
  if (option === '--seed') loop.seed = value
  else if (option === '--data') loop.dataDir = value
  else if (option === '--seasons') {
    const seasons = Number(value)
    if (!Number.isInteger(seasons) || seasons < 1 || seasons > MOST_SEASONS)
      return `--seasons must be a whole number from 1 to ${MOST_SEASONS}, got ${value}`
    loop.seasons = seasons
  } else if (value !== 'all') {
    loop.climates = value.split(',')
    const known = [...climates.map(({ name }) => name), ...recordNames]
    const unknown = loop.climates.find((name) => !known.includes(name))
    if (unknown !== undefined) return `no climate is called ${unknown}; there are ${known.join(', ')}`
  }
  return null
}
