/**
 * The longest files of each lane start first, so that no processor waits for one of them at the end. Vitest alone knows
 * only the sizes of the files before their first run, and a short file may test every screen.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** from `npm run test:slowest`; longest first in each lane */
const longest = [
  'test/broker/conformance/sequences.test.ts',
  'test/services/notifications/notifications.test.ts',
  'test/services/api/auth/sign-in.test.ts',
  'test/broker/conform/mutants.gate.test.ts',
  'test/services/report/season/big-co-operative.gate.test.ts',
  'test/services/api/http/fuzz.gate.test.ts',
  'test/services/report/season/recomputed.gate.test.ts',
  'test/services/api/hostile-numbers.gate.test.ts',
  'test/system/zigbee2mqtt.test.ts',
  'test/system/demo.test.ts',
  'test/system/zigbee2mqtt-killed.test.ts',
  'test/system/foreign-crash.test.ts',
  'test/system/start.test.ts',
  'test/firmware-sim/decide/product.system.test.ts',
  'test/system/loop-hold.test.ts',
  'test/ports/series-influx.system.test.ts',
  'test/system/walk-through.test.ts',
  'test/e2e/look-en.test.ts',
  'test/e2e/one-truth-walk.test.ts',
  'test/e2e/look-ja.test.ts',
  'test/e2e/first-visit.test.ts',
  'test/e2e/whole.test.ts',
  'test/e2e/reports.test.ts',
  'test/e2e/contractor.test.ts',
  'test/e2e/daily.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const index = longest.indexOf(relative(this.ctx.config.root, moduleId))
      return index < 0 ? longest.length : index
    }
    // lanes that run after others stay there
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b))
  }
}
