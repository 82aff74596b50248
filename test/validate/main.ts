/** `npm run validate`: Tilth's science, scored on real measurements, each figure against its target. */
import { existsSync } from 'node:fs'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { isTilthError } from '../../services/errors.ts'
import { dataFolder, type DataFolder } from './data-folder.ts'
import type { Line } from './line.ts'
import { lines } from './lines.ts'
import { readOptions, usageOf } from './options.ts'
import { jsonText, tableText, type LineScores } from './print.ts'
import type { Score } from './score.ts'

const COULD_NOT_BEGIN = 2

async function main(args: string[]): Promise<number> {
  const read = readOptions(args, lines)
  if (!read.ok) return refuse(`${read.error}\n\n${usageOf(lines)}`)
  if (read.value === 'help') {
    process.stdout.write(usageOf(lines))
    return 0
  }
  const options = read.value
  const data = openData(options.dataDir, options.lines)
  if (!data.ok) return refuse(data.error)
  const results: LineScores[] = []
  for (const line of options.lines) {
    try {
      results.push({ line: line.name, scores: await line.score(data.value) })
    } catch (error) {
      // data that cannot be read says nothing of the science
      if (isTilthError(error, 'CONFIG_WRONG')) return refuse(`${line.name}: ${error.message}`)
      process.stderr.write(`${line.name}: ${(error as Error).stack ?? String(error)}\n`)
      results.push({ line: line.name, scores: [broken(error)] })
    }
  }
  const isMet = results.every(({ scores }) => scores.every((score) => score.isMet !== false))
  process.stdout.write(options.isJson ? jsonText(results, isMet) : tableText(results, options.isVerbose))
  return isMet ? 0 : 1
}

function openData(dir: string, asked: readonly Line[]): Result<DataFolder> {
  if (!existsSync(dir)) return err(`--data: there is no folder ${dir}`)
  const data = dataFolder(dir)
  const missing = data.missing([...new Set(asked.flatMap(({ needs }) => needs))])
  return missing.length > 0 ? err(`--data: ${dir} lacks ${missing.join(', ')}`) : ok(data)
}

function refuse(text: string): number {
  process.stderr.write(`${text.trimEnd()}\n`)
  return COULD_NOT_BEGIN
}

/** A line that breaks falls short; the others are still scored. */
const broken = (error: unknown): Score => ({
  figure: 'could not be scored',
  value: NaN,
  of: null,
  decimals: 0,
  unit: '',
  target: null,
  isMet: false,
  missed: [(error as Error).message],
  notBuilt: [],
})

process.exitCode = await main(process.argv.slice(2))
