/**
 * Reads large tables some dozen rows at a time: between two pages, valves and people are served, as between any two
 * queries.
 */

const PAGE_ROWS = 50 // wide rows: 4 ms

/** All rows in the order of their ids. `page` returns the first `limit` rows after an id, in that order. */
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
