/**
 * What a co-operative has by the thousand, read some dozen rows at a time: between two pages valves and people are
 * served, as between any two questions to the store.
 */

const PAGE_ROWS = 50 // wide ones: 4 ms

/** All rows, in the order of their ids. `page`: the first `limit` of those behind an id, in that order. */
export async function fetchAllPages<Row extends { id: string }>(
  page: (afterId: string, limit: number) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (;;) {
    const next = await page(rows.at(-1)?.id ?? '', PAGE_ROWS)
    rows.push(...next)
    if (next.length < PAGE_ROWS) return rows
  }
}
