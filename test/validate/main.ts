/** `npm run validate`: scores Tilth's science on real measurements, each figure against its target. Progress is on stderr. */
import { existsSync } from 'node:fs'
import { isTilthError } from '../../services/errors.ts'
import { progressBar } from '../../services/runtime/progress-bar.ts'
import { dataFolder, type DataFolder } from './data-folder.ts'
import type { Line } from './line.ts'
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
    results.push(...(await scoresOf(line, data, (text) => progress.print(text))))
  }
  progress.update(1)
  progress.stop()
  const isMet = results.every(({ scores }) => scores.every((score) => score.isMet !== false))
  process.stdout.write(options.isJson ? jsonText(results, isMet) : tableText(results, options.isVerbose))
  return isMet ? 0 : 1
}

/** The figures of each part; the missing data of all parts is named once. */
async function scoresOf(line: Line, data: DataFolder, print: (text: string) => void): Promise<LineScores[]> {
  const results: LineScores[] = []
  const missing = new Set<string>()
  for (const part of line.parts) {
    const lacks = data.missing(part.needs)
    for (const what of lacks) missing.add(what)
    if (lacks.length > 0) continue
    const library = part.library ?? []
    try {
      const scores = await part.score(data)
      results.push({
        line: line.name,
        library,
        scores: scores.length > 0 ? scores : [missingData(['a row that lacks nothing'])],
      })
    } catch (error) {
      // unreadable data has its reason in the message; any other error is a bug
      if (!isTilthError(error, 'INVALID_CONFIG'))
        print(`${line.name}: ${(error as Error).stack ?? String(error)}`)
      results.push({ line: line.name, library, scores: [failedScore(error)] })
    }
  }
  if (missing.size > 0) results.push({ line: line.name, library: [], scores: [missingData([...missing])] })
  return results
}

function exitWithMessage(text: string): number {
  process.stderr.write(`${text.trimEnd()}\n`)
  return COULD_NOT_START
}

/** A failing part does not meet its target; the others are still scored. */
const failedScore = (error: unknown): Score => ({
  figure: 'could not be scored',
  value: NaN,
  of: null,
  decimals: 0,
  unit: '',
  min: null,
  max: null,
  isMet: false,
  missed: [(error as Error).message],
  notBuilt: [],
})

process.exitCode = await main(process.argv.slice(2))
