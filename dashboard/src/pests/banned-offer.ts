/** A product that no other hour makes allowed: the label, the season or the harvest forbids it, not the weather. */
import type { PestControlView } from '../../../services/api/schemas.ts'

type Offer = PestControlView['proposals'][number]['options'][number]
type Check = Offer['checks'][number]

// these depend on the hours: others may pass them
const ofHours: readonly string[] = ['weather', 'irrigation']

export const bansOf = ({ checks }: Pick<Offer, 'checks'>): Check[] =>
  checks.filter(({ key, result }) => result === 'forbidden' && !ofHours.includes(key))

export const isBanned = (offer: Pick<Offer, 'checks'>): boolean => bansOf(offer).length > 0
