/** The rows of the dock: they stay where they are while a person stops valves. */
import { describe, expect, it } from 'vitest'
import { dockOrder } from '../../dashboard/src/water/dock-order.ts'
import type { CommandView } from '../../services/api/schemas.ts'

const row = (zoneId: string, fields: Partial<CommandView> = {}): CommandView =>
  ({ id: `command-${zoneId}`, zoneId, fieldId: zoneId, litres: 0, ...fields }) as CommandView
const names = (rows: readonly CommandView[]) => rows.map(({ zoneId }) => zoneId)
const free = { fieldId: null, isHeld: false }
const held = { fieldId: null, isHeld: true }

describe('the order of the dock', () => {
  it('a row keeps its place when the server lists it elsewhere, and shows its newest report', () => {
    const shown = [row('hill-2'), row('paddy-7')]
    const rows = dockOrder(shown, [row('paddy-7', { litres: 40 }), row('hill-2')], free)
    expect(names(rows)).toEqual(['hill-2', 'paddy-7'])
    expect(rows[1]!.litres).toBe(40)
  })

  it('a valve that opens is added below, so that no STOP moves', () => {
    expect(names(dockOrder([row('hill-2')], [row('abe'), row('hill-2')], free))).toEqual(['hill-2', 'abe'])
  })

  it('just after STOP a row that has ended stays, and leaves afterwards', () => {
    const shown = [row('hill-2'), row('paddy-7')]
    expect(names(dockOrder(shown, [row('paddy-7')], held))).toEqual(['hill-2', 'paddy-7'])
    expect(names(dockOrder(shown, [row('paddy-7')], free))).toEqual(['paddy-7'])
  })

  it('the page of a field shows its own valve first, but never moves it under the thumb', () => {
    const shown = [row('hill-2'), row('paddy-7')]
    const onPage = { fieldId: 'paddy-7', isHeld: false }
    expect(names(dockOrder(shown, shown, onPage))).toEqual(['paddy-7', 'hill-2'])
    expect(names(dockOrder(shown, shown, { ...onPage, isHeld: true }))).toEqual(['hill-2', 'paddy-7'])
  })
})
