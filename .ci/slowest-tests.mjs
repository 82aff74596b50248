// Prints the slowest test files of the last run, from the report that every run of vitest leaves: npm run test:slowest [HOW MANY]
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

const report = 'test-output/report.json'
const count = Number(process.argv[2] ?? 10)
if (!existsSync(report) || !(count > 0)) {
  console.error(`usage: npm run test:slowest [HOW MANY], after a run of tests; it reads ${report}`)
  process.exit(2)
}
const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
const files = testResults
  .map(({ name, startTime, endTime, assertionResults }) => ({
    file: relative(process.cwd(), name),
    tests: assertionResults.length,
    seconds: (endTime - startTime) / 1000,
  }))
  .toSorted((a, b) => b.seconds - a.seconds)
const total = files.reduce((sum, { seconds }) => sum + seconds, 0)
console.log('| seconds | tests | file |\n| ---: | ---: | --- |')
for (const { file, tests, seconds } of files.slice(0, count))
  console.log(`| ${seconds.toFixed(1)} | ${tests} | ${file} |`)
console.log(`\n${files.length} files, ${total.toFixed(0)} s of tests`)
