/** Reading in pages gives what one reading would: each row once, in the order of ids, however many there are. */
import { afterEach, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../services/adapters/state.ts'
import { fetchAllPages } from '../../../services/runtime/paging.ts'
import { openTestState } from '../../support/state.ts'

describe('rows in pages', () => {
  let open: OpenState | undefined
  afterEach(() => open?.close())

  it.each([0, 1, 49, 50, 51, 120])('%i rows are returned once each, in order', async (count) => {
    open = await openTestState()
    const { state } = open
    const ids = Array.from({ length: count }, (_, n) => `farm-${String((n * 7919) % count).padStart(4, '0')}`)
    for (const id of ids)
      await state
        .insertInto('farm')
        .values({
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
        .execute()
    let pages = 0
    const rows = await fetchAllPages((afterId, limit) => {
      pages++
      return state
        .selectFrom('farm')
        .selectAll()
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute()
    })
    expect(rows).toEqual(await state.selectFrom('farm').selectAll().orderBy('id').execute())
    expect(rows).toHaveLength(count)
    expect(pages).toBe(Math.floor(count / 50) + 1)
  })
})
