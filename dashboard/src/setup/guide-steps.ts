/** The steps from an empty page to the first water, and which of them are done, by what the server has. */
import type { DeviceView, Holding } from '../../../services/api/schemas.ts'
import { unharvestedSeason } from '../fields/unharvested-season.ts'

export const guideSteps = ['field', 'crop', 'device', 'valve', 'pump', 'test', 'mode'] as const
export type GuideStep = (typeof guideSteps)[number]

export interface GuideFacts {
  holding: Holding | null
  devices: readonly DeviceView[]
  /** chosen by the person; '': the first field that has not been watered yet */
  fieldId: string
  /** put off by the person, or not needed here */
  later: readonly GuideStep[]
  /** the person has chosen who decides */
  isDecided: boolean
}

export interface Guide {
  field: Holding['fields'][number] | null
  zone: Holding['zones'][number] | null
  /** controllers that may still report; claimed ones have credentials */
  controllers: DeviceView[]
  isDone(step: GuideStep): boolean
  /** what it needs is there */
  isPossible(step: GuideStep): boolean
  /** the step to take now; null: all are done or put off */
  current: GuideStep | null
  doneCount: number
  /** a confirmed opening has litres on record: the guide is over */
  isOver: boolean
}

/** The guide of one field. Its valve is the first zone with a valve that lets water in. */
export function guideOf({ holding, devices, fieldId, later, isDecided }: GuideFacts): Guide {
  const zones = (holding?.zones ?? []).filter(({ valve, method }) => valve !== null && method !== 'outlet')
  const fields = holding?.fields ?? []
  const isWatered = (id: string): boolean => zones.some((item) => item.fieldId === id && item.hasWatered)
  const field =
    fields.find(({ id }) => id === fieldId) ?? fields.find(({ id }) => !isWatered(id)) ?? fields[0] ?? null
  const ofField = zones.filter((item) => item.fieldId === field?.id)
  const zone = ofField.find(({ hasWatered }) => hasWatered) ?? ofField[0] ?? null
  const controllers = devices.filter(({ kind, revoked }) => kind === 'controller' && !revoked)
  const done: Record<GuideStep, boolean> = {
    field: field !== null,
    crop: unharvestedSeason(holding, field?.id) !== undefined,
    device: controllers.some(({ lastSeenMs }) => lastSeenMs !== null),
    valve: zone !== null,
    pump: zone !== null && zone.pumpId !== null,
    test: zone?.hasWatered ?? false,
    mode: zone !== null && (isDecided || zone.mode === 'auto'),
  }
  const isPossible = (step: GuideStep): boolean =>
    step === 'field' ||
    (step === 'pump' || step === 'test' || step === 'mode' ? zone !== null : field !== null)
  return {
    field,
    zone,
    controllers,
    isDone: (step) => done[step],
    isPossible,
    current:
      guideSteps.find((step) => !done[step] && !later.includes(step) && isPossible(step)) ??
      guideSteps.find((step) => !done[step] && step !== 'pump' && isPossible(step)) ??
      null,
    doneCount: guideSteps.filter((step) => done[step]).length,
    isOver: done.test,
  }
}
