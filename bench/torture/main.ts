/** `npm run torture`: injects faults under load into a real server and checks what must still hold. */
import { progressBar, type ProgressBar } from '../../services/runtime/progress-bar.ts'
import { openBench } from '../support/bench.ts'
import { machine, machineText } from '../support/machine.ts'
import { allMet, metOnAnyMachine, table, type Figure } from '../support/report.ts'
import { build, runLine } from '../support/run-lines.ts'
import { faultLines } from './lines.ts'
import { readOptions, usage, type Options } from './options.ts'
import type { Torture } from './support/fault-line.ts'

async function main(args: string[]): Promise<number> {
  const options = readOptions(
    args,
    faultLines.map(({ name }) => name),
  )
  if (!options.ok) {
    process.stderr.write(`${options.error}\n\n${usage(faultLines)}`)
    return 2
  }
  if (options.value.isHelp) {
    process.stdout.write(usage(faultLines))
    return 0
  }
  if (!options.value.isBuilt) build()
  const progress = progressBar('torture', { output: process.stderr })
  const bench = openBench({
    scale: 1,
    loop: { climates: null, seasons: 0, seed: '', seeds: 0, dataDir: null, isProduct: false },
    print: (text) => progress.aside(() => process.stdout.write(`${text}\n`)),
    log: (text) => progress.print(text),
  })
  // an interrupted run ends its servers and removes its folders too
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void bench.end().then(() => process.exit(130)))
  try {
    return await run({ ...bench, ...options.value }, progress, options.value)
  } finally {
    progress.stop()
    await bench.end()
  }
}

async function run(
  torture: Torture,
  progress: ProgressBar,
  { lines, seed, isLong, isJson, isAnyMachine }: Options,
): Promise<number> {
  const machineInfo = machine()
  if (!isJson) process.stdout.write(`${machineText(machineInfo, [`seed ${seed}`])}\n`)
  const figures: Figure[] = []
  const selected = faultLines.filter(({ name }) => lines.includes(name))
  for (const [done, { name, run: runFaultLine }] of selected.entries()) {
    progress.update(done / selected.length, name)
    figures.push(...(await runLine(name, () => runFaultLine(torture), torture.log)))
  }
  progress.update(1)
  progress.stop()
  const isMet = isAnyMachine ? metOnAnyMachine(figures) : allMet(figures)
  if (isJson)
    process.stdout.write(
      `${JSON.stringify({ machine: machineInfo, seed, isLong, isMet, figures }, null, 2)}\n`,
    )
  else process.stdout.write(table(figures))
  return isMet ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
