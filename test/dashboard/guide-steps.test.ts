/** The guide goes from the first field to the first water, comes back where it was left, and ends with water alone. */
import { expect, it } from 'vitest'
import { guideOf, guideSteps, type GuideFacts } from '../../dashboard/src/setup/guide-steps.ts'
import type { DeviceView, Holding } from '../../services/api/schemas.ts'

const field = { id: 'north', farmId: 'farm', name: 'North 3' } as Holding['fields'][number]
const season = { id: 's', fieldId: 'north', crop: 'apple', harvestedDay: null } as Holding['seasons'][number]
const zone = {
  id: 'z',
  fieldId: 'north',
  name: 'North 3',
  valve: 'V1',
  method: 'drip',
  pumpId: null,
  mode: 'approve',
  hasWatered: false,
} as Holding['zones'][number]
const controller = { id: 'c', kind: 'controller', revoked: false, lastSeenMs: 1 } as DeviceView
const holding = (part: Partial<Holding>): Holding => ({
  farms: [],
  fields: [],
  seasons: [],
  zones: [],
  pumps: [],
  ...part,
})
const guide = (facts: Partial<GuideFacts>) =>
  guideOf({ holding: holding({}), devices: [], fieldId: '', later: [], isDecided: false, ...facts })

it('takes the steps in their order, and nothing before there is a field', () => {
  expect(guide({}).current).toBe('field')
  expect(guide({ later: ['field'] }).current).toBe('field')
  const withField = { holding: holding({ fields: [field] }) }
  expect(guide(withField).current).toBe('crop')
  const grown = { holding: holding({ fields: [field], seasons: [season] }) }
  expect(guide(grown).current).toBe('device')
  // a controller that has not reported yet does not count
  expect(guide({ ...grown, devices: [{ ...controller, lastSeenMs: null }] }).current).toBe('device')
  expect(guide({ ...grown, devices: [controller] }).current).toBe('valve')
})

it('a step that was put off is passed over, and comes back at the end', () => {
  const facts = { holding: holding({ fields: [field] }), devices: [controller] }
  expect(guide({ ...facts, later: ['crop'] }).current).toBe('valve')
  const wired = { ...facts, holding: holding({ fields: [field], zones: [zone] }) }
  expect(guide({ ...wired, later: ['crop'] }).current).toBe('pump')
  expect(guide({ ...wired, later: ['crop', 'pump', 'test'], isDecided: true }).current).toBe('crop')
})

it('is over with litres on record, whatever else was entered', () => {
  const entered = { fields: [field], seasons: [season], zones: [{ ...zone, pumpId: 'p' }] }
  const dry = guide({ holding: holding(entered), devices: [controller], isDecided: true })
  expect([dry.isOver, dry.current, dry.doneCount]).toEqual([false, 'test', guideSteps.length - 1])
  const watered = holding({ ...entered, zones: [{ ...zone, pumpId: 'p', hasWatered: true }] })
  const over = guide({ holding: watered, devices: [controller], isDecided: true })
  expect([over.isOver, over.current]).toEqual([true, null])
})

it('an outlet is no valve that waters; a field that has had water gives way to one that has not', () => {
  const outlet = { ...zone, method: 'outlet' as const }
  expect(guide({ holding: holding({ fields: [field], zones: [outlet] }) }).zone).toBe(null)
  const south = { ...field, id: 'south', name: 'South' }
  const both = holding({ fields: [field, south], zones: [{ ...zone, hasWatered: true }] })
  expect(guide({ holding: both }).field?.id).toBe('south')
  expect(guide({ holding: both, fieldId: 'north' }).isOver).toBe(true)
})
