/** The tabs of a field's page. The address names the open one, so that links and Back return to it. */

export const fieldTabs = ['water', 'pests', 'work', 'log'] as const
export type FieldTab = (typeof fieldTabs)[number]

/** Cards that a link may name with `?card=`, and where they are. Every other one is of a pest or a disease. */
const placeOfCard: Record<string, FieldTab | 'set-up'> = {
  water: 'water',
  work: 'work',
  harvest: 'work',
  habit: 'set-up',
  strategy: 'set-up',
}

/** The tab of an address; of a link to a card, the tab that has it. */
export function tabOf(query: URLSearchParams): FieldTab {
  const named = fieldTabs.find((tab) => tab === query.get('tab'))
  if (named) return named
  const place = placeOf(query.get('card'))
  return place === null || place === 'set-up' ? 'water' : place
}

/** Where a card is that a link names; null without one. */
export const placeOf = (card: string | null): FieldTab | 'set-up' | null =>
  card === null ? null : (placeOfCard[card] ?? 'pests')

/** The query of a tab; the first one needs none. */
export const queryOf = (tab: FieldTab): string => (tab === 'water' ? '' : `?tab=${tab}`)
