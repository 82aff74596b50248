/** The proposals of a field, for all its insects and diseases. Pure. */
import { dayOf, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { diseasesOfCrop } from '../../agronomy/disease/catalogue.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import { lookFor, type ScoutingRow } from '../../agronomy/pests/scouting.ts'
import { diseaseProposal, insectProposal, type LastSpray, type Proposal } from './proposals.ts'
import { effectiveTreatments, type PestField, type ProposalField } from './read-field.ts'

/** Nothing flowers before the crop covers the ground; later only a person knows. */
export const isFloweringByStage = ({ stage }: PestField): boolean | null =>
  stage === 'initial' ? false : null

/** Proposals for every counted insect and every modelled disease, the most urgent first. */
export function fieldProposals(pestField: ProposalField, today: Day): Proposal[] {
  const crop = pestField.season?.crop
  if (crop === undefined) return []
  const last = (target: string): LastSpray | null => {
    const rows = effectiveTreatments(pestField).filter((row) => row.target === target)
    const newest = rows.at(-1)
    return newest ? { day: dayOf(newest.fromMs, pestField.farm.timeZone), intervalDays: null } : null
  }
  const insects = pestField.trackers.map((watch) =>
    insectProposal(watch, {
      pest: pestOf(watch.subject),
      crop,
      today,
      last: last(watch.subject),
      economics: pestField.economics.find(({ target }) => target === watch.subject) ?? null,
    }),
  )
  const recent = pestField.diseaseDays.filter(({ day }) => daysBetween(day, today) <= LOOK_BACK_DAYS)
  const diseases = diseasesOfCrop(crop).map(({ id }) =>
    diseaseProposal(
      id,
      recent.filter(({ disease }) => disease === id),
      { crop, today, last: last(id) },
    ),
  )
  return [...insects, ...diseases].toSorted((a, b) => order[a.action] - order[b.action])
}

const LOOK_BACK_DAYS = 14
const order: Record<Proposal['action'], number> = { treat: 0, scout: 1, 'cannot-judge': 2, wait: 3 }

/** What to look for now: the rows of the crop without those that have a proposal, which knows more. */
export const fieldScouting = (
  { season, farm, stage }: Pick<PestField, 'season' | 'farm' | 'stage'>,
  proposals: readonly { target: string }[],
  today: Day,
): ScoutingRow[] =>
  lookFor({ crop: season?.crop ?? '', timeZone: farm.timeZone, stage }, today).filter(
    ({ target }) => !proposals.some((proposal) => proposal.target === target),
  )
