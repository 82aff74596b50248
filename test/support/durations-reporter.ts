/** Writes the duration of each file of the run, including hooks and imports, for `npm run test:slowest`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

const report = 'test-output/durations.json'

export default class DurationsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => {
      const { collectDuration, duration, setupDuration } = module.diagnostic()
      return {
        file: module.relativeModuleId,
        lane: module.project.name,
        tests: [...module.children.allTests()].length,
        ms: Math.round(collectDuration + duration + setupDuration),
      }
    })
    mkdirSync(dirname(report), { recursive: true })
    writeFileSync(report, JSON.stringify(files))
  }
}
