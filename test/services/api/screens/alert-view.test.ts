/** What wants a look, from rows alone. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import { alertViews } from '../../../../services/api/screens/alert-view.ts'
import { toJson, type AlertRow } from '../../../../services/tables.ts'
import { NOW } from './rows.ts'

describe('an alert', () => {
  const alert = (change: Partial<AlertRow>): AlertRow => ({
    id: 'a',
    org: 'midori',
    cause: 'valve-fault',
    severity: 'act',
    fieldId: null,
    deviceId: 'd',
    params: toJson({ valve: null, fault: 'overflow' }),
    sinceMs: NOW,
    clearedMs: null,
    ...change,
  })
  const place = {
    fields: [
      { id: 'f10', name: 'Paddy 10' },
      { id: 'f3', name: 'Paddy 3' },
      { id: 'f7', name: 'Paddy 7' },
      { id: 'x', name: 'Elsewhere' },
    ],
    zones: [
      { id: 'z10', fieldId: 'f10', controllerId: 'd', valve: 'V3' },
      { id: 'z3', fieldId: 'f3', controllerId: 'd', valve: 'V1' },
      { id: 'z3b', fieldId: 'f3', controllerId: 'd', valve: 'V2' },
      { id: 'z7', fieldId: 'f7', controllerId: 'd', valve: 'V4' },
      { id: 'zx', fieldId: 'x', controllerId: 'e', valve: 'V1' },
    ],
    devices: [{ id: 'd', name: 'Controller Sato' }],
  }

  it('at a controller is named with every field that it waters, Paddy 3 before Paddy 10', () => {
    const [view] = alertViews([alert({})], place)
    expect(view).toMatchObject({ deviceName: 'Controller Sato', params: { fault: 'overflow' }, sinceMs: NOW })
    expect(view!.fields.map(({ name }) => name)).toEqual(['Paddy 3', 'Paddy 7', 'Paddy 10'])
  })

  it('at some of its valves is one row, as old as the oldest, with the fields of those valves', () => {
    const locked = (valve: string, sinceMs: number) =>
      alert({ id: valve, cause: 'valve-locked-out', params: toJson({ valve }), sinceMs })
    const views = alertViews([locked('V4', NOW), locked('V1', NOW - HOUR_MS), alert({})], place)
    expect(views.map(({ cause }) => cause)).toEqual(['valve-locked-out', 'valve-fault'])
    expect(views[0]).toMatchObject({ id: 'V1', sinceMs: NOW - HOUR_MS })
    expect(views[0]!.fields.map(({ name }) => name)).toEqual(['Paddy 3', 'Paddy 7'])
    // what a person clears: those valves, and nothing of the whole controller
    expect(views.map(({ zoneIds }) => zoneIds)).toEqual([['z3', 'z7'], []])
  })

  it('at a removed device keeps its own field, and has no invented name', () => {
    const [view] = alertViews([alert({ cause: 'device-silent', deviceId: 'gone', fieldId: 'x' })], place)
    expect(view).toMatchObject({ deviceName: null, fields: [{ id: 'x', name: 'Elsewhere' }] })
  })
})
