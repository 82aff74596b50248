/**
 * Action thresholds by pest and crop. A pest without a row is inspected only: no threshold for a spray is
 * known. `confirmed: false`: shown as unconfirmed, `check` has the reason.
 */

export interface ActionThreshold {
  target: string // of pests.ts or diseases.ts
  crops: readonly string[] | null // null: every crop of the pest's row
  /**
   * catch: its traps reach the count of its row; event: a heat sum of its row; infection: a day of its model
   */
  on: 'catch' | 'event' | 'catch-and-event' | 'infection'
  event?: string // of the pest's row: the event that the spray must meet
  act: 'treat' | 'scout'
  source: string
  confirmed: boolean
  check: string | null
}

export const actionThresholds: readonly ActionThreshold[] = [
  {
    target: 'codling-moth',
    crops: ['apple', 'pear'],
    on: 'catch-and-event',
    event: 'egg-hatch',
    act: 'treat',
    source: 'UC IPM: first cover spray at egg hatch, 250 °F·d after the biofix; catches as in the pest row',
    confirmed: false,
    check: 'the action threshold for catches differs by region and with mating disruption',
  },
  {
    target: 'oriental-fruit-moth',
    crops: ['peach'],
    on: 'event',
    event: 'treatment',
    act: 'treat',
    source: 'UC IPM: 500 to 600 °F·d after the biofix where shoots or fruit were damaged before',
    confirmed: false,
    check: 'the sum; no count goes with it',
  },
  {
    target: 'oriental-fruit-moth',
    crops: ['apple'],
    on: 'catch-and-event',
    event: 'treatment',
    act: 'treat',
    source:
      'University of Kentucky: catches as in the pest row, once the degree-days after the biofix are reached',
    confirmed: false,
    check: 'Kentucky sprays at 100 or 175 °F·d, by product; the sum of this row is that of UC IPM for peach',
  },
  {
    target: 'peach-twig-borer',
    crops: ['almond', 'peach'],
    on: 'event',
    event: 'treatment',
    act: 'treat',
    source: 'UC IPM: 400 to 500 °F·d after the biofix where the orchard has a history of it',
    confirmed: false,
    check: 'the sum is confirmed, that every orchard needs it is not',
  },
  {
    target: 'corn-earworm',
    crops: ['maize'],
    on: 'catch',
    act: 'treat',
    source: 'University of Maryland: silking sweet corn',
    confirmed: false,
    check: 'for sweet corn in silk alone; field maize is not sprayed for it',
  },
  {
    target: 'european-corn-borer',
    crops: ['maize'],
    on: 'event',
    event: 'treatment',
    act: 'scout',
    source: 'J. W. Apple, University of Wisconsin; an economic threshold by live larvae a plant decides',
    confirmed: true,
    check: null,
  },
  {
    target: 'black-cutworm',
    crops: ['maize'],
    on: 'event',
    event: 'egg-hatch',
    act: 'scout',
    source: 'extension services of the US Corn Belt: from cutting on, 3 to 5 % of plants decide',
    confirmed: false,
    check: 'the share of cut plants',
  },
  {
    target: 'beet-leafhopper',
    crops: ['potato'],
    on: 'catch',
    act: 'scout',
    source: 'Washington State University 2013: time to be concerned',
    confirmed: false,
    check: 'no threshold is established',
  },
  ...(['late-blight', 'late-blight-hutton'] as const).map((target) => ({
    target,
    crops: null,
    on: 'infection' as const,
    act: 'treat' as const,
    source: 'the level of its model at which a protectant is due',
    confirmed: false,
    check: 'a resistant variety or a spray that still holds needs less',
  })),
  ...(['apple-scab', 'tomato-early-blight', 'potato-early-blight'] as const).map((target) => ({
    target,
    crops: null,
    on: 'infection' as const,
    act: 'treat' as const,
    source: 'the level of its model at which a spray is due',
    confirmed: false,
    check: 'variety and inoculum',
  })),
  ...(['grape-powdery-mildew', 'grape-botrytis', 'grape-downy-mildew', 'wheat-head-blight'] as const).map(
    (target) => ({
      target,
      crops: null,
      on: 'infection' as const,
      act: 'treat' as const,
      source: 'the level of its model at which a spray is due',
      confirmed: false,
      check: 'variety, and the stage in which it can be infected',
    }),
  ),
  {
    target: 'rice-leaf-blast',
    crops: ['rice'],
    on: 'infection',
    act: 'scout',
    source: 'BLASTAM, prefectural plant protection: look for lesions a week after a favourable day',
    confirmed: false,
    check: 'the day on which lesions show',
  },
]

/** The threshold of a pest in a crop; null: none is known. */
export const thresholdFor = (target: string, crop: string): ActionThreshold | null =>
  actionThresholds.find((row) => row.target === target && (row.crops === null || row.crops.includes(crop))) ??
  null

/**
 * The threshold from a person's own figures: the count decides, within the timing of the table where it has
 * one.
 */
export const customThreshold = (target: string, inTable: ActionThreshold | null): ActionThreshold => ({
  target,
  crops: null,
  act: 'treat',
  ...(inTable?.event === undefined
    ? { on: 'catch' as const }
    : { on: 'catch-and-event' as const, event: inTable.event }),
  source: 'EIL = C / (V I D K), Pedigo et al. 1986, by the figures of this field',
  confirmed: true,
  check: null,
})
