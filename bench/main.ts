/** `npm run bench`: measures the promised figures on this machine and compares each with its target. */
import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { chart } from './lines/chart.ts'
import { crash } from './lines/crash.ts'
import { footprint } from './lines/footprint.ts'
import { ingest } from './lines/ingest.ts'
import { latency } from './lines/latency.ts'
import { learning } from './lines/learning.ts'
import { loop } from './lines/loop.ts'
import { peer } from './lines/peer.ts'
import { report } from './lines/report.ts'
import { roundTrip } from './lines/round-trip.ts'
import { schedule } from './lines/schedule.ts'
import { science } from './lines/science.ts'
import { space } from './lines/space.ts'
import { sustained } from './lines/sustained.ts'
import { web } from './lines/web.ts'
import { readOptions, USAGE, type LineName, type Options } from './options.ts'
import { openBench, type Bench, type Line } from './support/bench.ts'
import { flushText, machine, machineText, measureFlush } from './support/machine.ts'
import { findPeer, peerVersions } from './support/peer.ts'
import { allMet, table, type Figure } from './support/report.ts'

const lines: Record<LineName, Line> = {
  latency,
  sustained,
  ingest,
  'round-trip': roundTrip,
  crash,
  peer,
  chart,
  footprint,
  space,
  science,
  learning,
  loop,
  schedule,
  report,
  web,
}
const SHORT = 0.1

async function main(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (!options.ok) {
    process.stderr.write(`${options.error}\n\n${USAGE}`)
    return 2
  }
  if (options.value.isHelp) {
    process.stdout.write(USAGE)
    return 0
  }
  const { isShort, isJson, isBuilt, lines: lineNames } = options.value
  // loop and schedule run from the sources
  if (!isBuilt && lineNames.some((name) => name !== 'loop' && name !== 'schedule')) build()
  const bench = openBench({
    scale: isShort ? SHORT : 1,
    loop: options.value.loop,
    print: (text) => void (isJson || process.stdout.write(`${text}\n`)),
    log: (text) => void process.stderr.write(`${text}\n`),
  })
  // an interrupted bench ends its servers and removes its folders too
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void bench.end().then(() => process.exit(130)))
  try {
    return await run(bench, options.value)
  } finally {
    await bench.end()
  }
}

async function run(bench: Bench, { lines: names, isJson, isShort }: Options): Promise<number> {
  const machineInfo = machine()
  const versions = await versionsOf(bench, names)
  if (!isJson) process.stdout.write(`${machineText(machineInfo, versions)}\n`)
  const figures: Figure[] = []
  for (const name of names) figures.push(...(await runLine(bench, name)))
  const isMet = allMet(figures)
  const loadAfter = loadavg()[0]!
  const flushAfter = measureFlush()
  if (isJson) {
    const output = { machine: machineInfo, versions, loadAfter, flushAfter, isShort, isMet, figures }
    process.stdout.write(`${JSON.stringify(output, null, 2)}\n`)
  } else {
    process.stdout.write(
      `${table(figures)}\nload ${loadAfter.toFixed(1)} at the end, the bench included; ${flushText(flushAfter)}\n`,
    )
    if (isShort) process.stdout.write('a short run: not for publishing\n')
  }
  return isMet ? 0 : 1
}

/** A line that breaks falls short; the others are still taken. */
async function runLine(bench: Bench, name: LineName): Promise<Figure[]> {
  try {
    return await lines[name](bench)
  } catch (error) {
    bench.log(`${name}: ${(error as Error).stack ?? String(error)}`)
    return [
      {
        line: name,
        figure: 'could not be taken',
        value: (error as Error).message.slice(0, 80),
        target: '',
        isMet: false,
      },
    ]
  }
}

async function versionsOf(bench: Bench, names: readonly LineName[]): Promise<string[]> {
  if (!names.includes('peer')) return []
  const programs = await findPeer(bench)
  return typeof programs === 'string' ? [] : [await peerVersions(programs)]
}

function build(): void {
  const root = join(import.meta.dirname, '..')
  execFileSync(process.execPath, [join(root, '.ci/build-when-needed.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}

process.exitCode = await main(process.argv.slice(2))
