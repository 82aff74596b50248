/**
 * `npm run demo`, started once for all tests that need a season of a farm: first its state after the season, then its
 * devices of other makes, the jobs of its people, last an adviser's day, whose new members would change the reports of the jobs. A minute of the farm
 * passes each second.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { hasBrowser, needs } from '../e2e/browser.ts'
import { adviserWalk } from './adviser-walk.ts'
import { useDemoOnPhone } from './demo-on-phone.ts'
import { demoOtherMakes } from './demo-other-makes.ts'
import { demoState } from './demo-state.ts'
import { farmJobs } from './farm-jobs.ts'
import { startDemo, type RunningDemo } from './running-demo.ts'

/** late enough to be fast, early enough for the July rain, the second flight of the moths and the late rice */
const FROM = '2026-07-01'

let demo: RunningDemo | undefined
const running = (): RunningDemo => demo!

beforeAll(async () => {
  demo = await startDemo(['--from', FROM])
}, 900_000)
afterAll(() => demo?.stop())

describe('the demonstration', () => demoState(running))
describe('devices of other makes in the demonstration', () => demoOtherMakes(running))

describe.skipIf(!hasBrowser)(`in the demonstration${needs}`, () => {
  const demoPhone = useDemoOnPhone(running)
  describe('the jobs of a farm', () => farmJobs(demoPhone))
  describe("an adviser's walk", () => adviserWalk(demoPhone))
})
