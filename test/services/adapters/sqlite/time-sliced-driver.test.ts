/** Handles on one store: each has a turn of its own, and a transaction of one is never mixed with another's. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openSqliteState,
  type OpenSqliteState as OpenState,
} from '../../../../services/adapters/sqlite/state.ts'
import type { State } from '../../../../services/ports.ts'

describe('handles on one store', () => {
  let open: OpenState
  beforeEach(async () => {
    open = await openSqliteState(':memory:')
  })
  afterEach(() => open.close())

  const farm = (id: string) => ({
    id,
    org: 'midori',
    name: id,
    memberCode: null,
    timeZone: 'Asia/Tokyo',
    latDeg: 37.4,
    lonDeg: 138.9,
    elevationM: 40,
    createdAtMs: 0,
  })
  const request = (state: State) => state.selectFrom('farm').select('id').execute()

  it('one without recent queries is served while another has used its time slice', async () => {
    const valve = open.handle()
    const order: string[] = []
    await new Promise(setImmediate)
    await request(open.state)
    const endMs = performance.now() + 5
    while (performance.now() < endMs); // its turn is over
    const plan = request(open.state).then(() => order.push('plan'))
    const now = request(valve).then(() => order.push('valve'))
    await Promise.all([plan, now])
    expect(order).toEqual(['valve', 'plan'])
  })

  it("see the same rows, and wait for another's transaction", async () => {
    const other = open.handle()
    const { read } = await open.state.transaction().execute(async (rows) => {
      await rows.insertInto('farm').values(farm('one')).execute()
      const read = request(other)
      await rows.insertInto('farm').values(farm('two')).execute()
      return { read }
    })
    expect(await read).toHaveLength(2)
  })

  it('a failed transaction leaves nothing behind', async () => {
    const other = open.handle()
    const failing = open.state.transaction().execute(async (rows) => {
      await rows.insertInto('farm').values(farm('one')).execute()
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect(await request(other)).toEqual([])
  })
})
