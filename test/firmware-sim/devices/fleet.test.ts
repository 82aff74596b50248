import { describe, expect, it } from 'vitest'
import { fieldsOf, parseFleet } from '../../../firmware-sim/devices/fleet.ts'

const key = 'ab'.repeat(32)
const read = (entries: unknown) => parseFleet(JSON.stringify(entries))
const reason = (entries: unknown) => {
  const fleet = read(entries)
  return fleet.ok ? 'accepted' : fleet.error
}

describe('a list of devices', () => {
  it('names the fields of the devices, with typical values as defaults', () => {
    const fleet = read([
      {
        id: 'probe-1',
        kind: 'probe',
        secret: 's',
        field: 'north-3',
        fieldProfile: { crop: 'maize', areaM2: 2400 },
      },
      { id: 'gauge-1', kind: 'gauge', secret: 's', field: 'paddy-7' },
      {
        id: 'ctl-1',
        kind: 'controller',
        secret: 's',
        commandKey: key,
        field: 'north-3',
        valves: [
          { id: 'V1', ratedLpm: 80 },
          { id: 'V2', ratedLpm: 90, field: 'paddy-7' },
          { id: 'V3', ratedLpm: 50, field: 'hill-2' },
        ],
      },
    ])
    if (!fleet.ok) throw new Error(fleet.error)
    expect(fieldsOf(fleet.value, '2026-06-01')).toMatchObject([
      { id: 'north-3', kind: 'upland', crop: 'maize', areaM2: 2400, plantedDay: '2026-06-01' },
      { id: 'paddy-7', kind: 'paddy', crop: 'rice', areaM2: 1000 },
      { id: 'hill-2', kind: 'upland', crop: 'soybean' },
    ])
  })

  it.each([
    [[], 'list: must not have fewer than 1 items'],
    [[{ id: 'x', kind: 'probe', secret: 's' }], '0.id: '],
    [[{ id: 'probe-1', kind: 'rocket', secret: 's' }], '0.kind'],
    [[{ id: 'probe-1', kind: 'probe', secret: 's', depthsCm: [400] }], '0.depthsCm.0'],
    [
      [{ id: 'ctl-1', kind: 'controller', secret: 's' }],
      '0: the controller ctl-1 needs a commandKey and valves',
    ],
    [
      [
        { id: 'probe-1', kind: 'probe', secret: 's' },
        { id: 'probe-1', kind: 'trap', secret: 's' },
      ],
      '1.id: probe-1 stands twice in the list',
    ],
  ])('refuses %j by its position', (entries, expected) => {
    expect(reason(entries)).toContain(expected)
  })

  it('is JSON', () =>
    expect(parseFleet('id: probe-1')).toMatchObject({
      ok: false,
      error: expect.stringContaining('not JSON'),
    }))
})
