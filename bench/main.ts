/** `npm run bench`: measures the promised figures on this machine and compares each with its target. */
import { loadavg } from 'node:os'
import { chart } from './lines/chart.ts'
import { crash } from './lines/crash.ts'
import { foreign } from './lines/foreign.ts'
import { fleet } from './lines/fleet.ts'
import { footprint } from './lines/footprint.ts'
import { ingest } from './lines/ingest.ts'
import { latency } from './lines/latency.ts'
import { learning } from './lines/learning.ts'
import { loop } from './lines/loop.ts'
import { peer } from './lines/peer.ts'
import { postgres } from './lines/postgres.ts'
import { rabbitmq } from './lines/rabbitmq.ts'
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
import { build, runLine } from './support/run-lines.ts'
import { progressBar, type ProgressBar } from '../services/runtime/progress-bar.ts'

const lines: Record<LineName, Line> = {
  latency,
  foreign,
  sustained,
  ingest,
  'round-trip': roundTrip,
  crash,
  fleet,
  peer,
  chart,
  footprint,
  space,
  science,
  learning,
  loop,
  schedule,
  report,
  postgres,
  rabbitmq,
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
  const progress = progressBar('bench', { output: process.stderr })
  const bench = openBench({
    scale: isShort ? SHORT : 1,
    loop: options.value.loop,
    print: (text) => {
      if (isJson) return
      progress.aside(() => process.stdout.write(`${text}\n`))
    },
    log: (text) => progress.print(text),
  })
  // an interrupted bench ends its servers and removes its folders too
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void bench.end().then(() => process.exit(130)))
  try {
    return await run(bench, progress, options.value)
  } finally {
    progress.stop()
    await bench.end()
  }
}

async function run(
  bench: Bench,
  progress: ProgressBar,
  { lines: names, isJson, isShort }: Options,
): Promise<number> {
  const machineInfo = machine()
  const versions = await versionsOf(bench, names)
  if (!isJson) process.stdout.write(`${machineText(machineInfo, versions)}\n`)
  const figures: Figure[] = []
  for (const [done, name] of names.entries()) {
    progress.update(done / names.length, name)
    figures.push(...(await runLine(name, () => lines[name](bench), bench.log)))
  }
  progress.update(1)
  progress.stop()
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

async function versionsOf(bench: Bench, names: readonly LineName[]): Promise<string[]> {
  if (!names.includes('peer')) return []
  const programs = await findPeer(bench)
  return typeof programs === 'string' ? [] : [await peerVersions(programs)]
}

process.exitCode = await main(process.argv.slice(2))
