/** Openings that have not ended, found by their controller: as looking through all of them would find them. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OpenCommands, type OpenCommand } from '../../../../services/dispatch/dispatch-state.ts'

const live = (id: string, deviceId: string): OpenCommand =>
  ({ row: { id, deviceId } }) as unknown as OpenCommand

const step = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  device: fc.constantFrom('north', 'south'),
  isEnd: fc.boolean(),
})

it('are the same as a scan of all of them, whatever starts and ends', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const lives = new OpenCommands()
      for (const { id, device, isEnd } of steps) {
        if (isEnd) lives.delete(id)
        else lives.set(id, live(id, device))
      }
      for (const device of ['north', 'south', 'west'])
        expect(new Set(lives.ofDevice(device))).toEqual(
          new Set([...lives.values()].filter(({ row }) => row.deviceId === device)),
        )
    }),
  )
})
