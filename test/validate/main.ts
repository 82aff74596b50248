/** `npm run validate`: scores Tilth's science on real measurements, each figure against its target. Progress is on stderr. */
import { existsSync } from 'node:fs'
import { isTilthError } from '../../services/errors.ts'
import { progressBar } from '../../services/runtime/progress-bar.ts'
import { dataFolder } from './data-folder.ts'
import { lines } from './lines.ts'
import { readOptions, usageOf } from './options.ts'
import { jsonText, tableText, type LineScores } from './print.ts'
import { missingData, type Score } from './score.ts'

const COULD_NOT_START = 2

async function main(args: string[]): Promise<number> {
  const read = readOptions(args, lines)
  if (!read.ok) return exitWithMessage(`${read.error}\n\n${usageOf(lines)}`)
  if (read.value === 'help') {
    process.stdout.write(usageOf(lines))
    return 0
  }
  const options = read.value
  if (!existsSync(options.dataDir)) return exitWithMessage(`--data: there is no folder ${options.dataDir}`)
  const data = dataFolder(options.dataDir)
  const results: LineScores[] = []
  const progress = progressBar('validate', { output: process.stderr })
  for (const [i, line] of options.lines.entries()) {
    progress.update(i / options.lines.length, line.name)
    try {
      const missing = data.missing(line.needs)
      const scores = missing.length > 0 ? [missingData(missing)] : await line.score(data)
      results.push({
        line: line.name,
        scores: scores.length > 0 ? scores : [missingData(['a row that lacks nothing'])],
      })
    } catch (error) {
      // unreadable data has its reason in the message; any other error is a bug
      if (!isTilthError(error, 'INVALID_CONFIG'))
        progress.print(`${line.name}: ${(error as Error).stack ?? String(error)}`)
      results.push({ line: line.name, scores: [failedScore(error)] })
    }
  }
  progress.update(1)
  progress.stop()
  const isMet = results.every(({ scores }) => scores.every((score) => score.isMet !== false))
  process.stdout.write(options.isJson ? jsonText(results, isMet) : tableText(results, options.isVerbose))
  return isMet ? 0 : 1
}

function exitWithMessage(text: string): number {
  process.stderr.write(`${text.trimEnd()}\n`)
  return COULD_NOT_START
}

/** A failing line does not meet its target; the others are still scored. */
const failedScore = (error: unknown): Score => ({
  figure: 'could not be scored',
  value: NaN,
  of: null,
  decimals: 0,
  unit: '',
  target: null,
  isFloor: false,
  isMet: false,
  missed: [(error as Error).message],
  notBuilt: [],
})

process.exitCode = await main(process.argv.slice(2))
