// Prints the slowest test files of the last run (test/support/durations-reporter.ts): npm run test:slowest [HOW MANY]
import { existsSync, readFileSync } from 'node:fs'

const report = 'test-output/durations.json'
const count = Number(process.argv[2] ?? 10)
if (!existsSync(report) || !(count > 0)) {
  console.error('usage: npm run test:slowest [HOW MANY], after a run of tests')
  process.exit(2)
}
const files = JSON.parse(readFileSync(report, 'utf8'))
const seconds = (ms) => (ms / 1000).toFixed(1)
console.log('| seconds | lane | tests | file |\n| ---: | --- | ---: | --- |')
for (const { file, lane, tests, ms } of [...files].sort((a, b) => b.ms - a.ms).slice(0, count))
  console.log(`| ${seconds(ms)} | ${lane} | ${tests} | ${file} |`)
console.log(`\n${files.length} files, ${seconds(files.reduce((sum, { ms }) => sum + ms, 0))} s`)
