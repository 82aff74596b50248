/**
 * How many rows each screen had when it was last shown on this phone: while its data is on the way, as many empty rows hold
 * their place. A phone that refuses storage shows the usual number.
 */
const KEY = 'tilth-rows'
const MOST = 12
export type RowsOf = 'today' | 'fields' | 'water' | 'field' | 'pests'

const usual: Record<RowsOf, number> = { today: 5, fields: 8, water: 5, field: 4, pests: 4 }

/** Of a screen that is not loaded yet, by its path. */
export const skeletonFor = (path: string): RowsOf =>
  path.startsWith('/fields/')
    ? 'field'
    : ((['fields', 'water', 'pests'] as const).find((screen) => path === `/${screen}`) ?? 'today')

export function rememberedRows(screen: RowsOf): number {
  const rows = read()[screen]
  return typeof rows === 'number' && rows >= 1 ? Math.min(MOST, Math.round(rows)) : usual[screen]
}

export function rememberRows(screen: RowsOf, rows: number): void {
  const known = read()
  if (rows < 1 || known[screen] === rows) return
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...known, [screen]: rows }))
  } catch {
    // storage is refused or full: the usual number is shown
  }
}

function read(): Partial<Record<RowsOf, unknown>> {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof known === 'object' && known !== null ? known : {}
  } catch {
    return {}
  }
}
