/** Pests and diseases of the fixture's farm, with the counts of people. */
import type { FastifyInstance } from 'fastify'
import { addDays, DAY_MS } from '../../broker/contract/time.ts'
import type { FieldDetail, Hazard, PestsView } from '../../services/api/schemas.ts'
import { at, DAY, timeZone } from './fixture-day.ts'

export interface PestsOptions {
  /** 'passed': with its unknown days, the next event of the moth has passed in May */
  pests?: 'all' | 'calm' | 'none' | 'passed'
  /** result of a count or a note; 'lost': it is accepted, and the first response is lost */
  sightings?: 'taken' | 'refused' | 'lost'
}

/** A received count or note, by its key: the same key twice is one entry. */
type Taken = Map<string, { fieldId: string; atMs: number; subject?: string; count?: number }>

/** The routes of the screen, of counts and of notes. */
export function servePests(
  app: FastifyInstance,
  options: PestsOptions & { fields?: 'all' | 'ok' | 'none' },
  { now, notify }: { now(): number; notify(event: string, fields: string[]): void },
): void {
  const accepted: Taken = new Map()
  app.get('/api/pests', async () =>
    pestsOf(options.pests ?? 'all', options.fields === 'none', now(), accepted),
  )
  app.post<{ Params: { id: string } }>('/api/notes/:id/photos', async (request, reply) =>
    accepted.has(request.params.id)
      ? { id: `${request.params.id}-photo`, takenMs: now(), addedAtMs: now(), voidReason: null }
      : reply.code(404).send({ error: 'NOT_FOUND', message: 'there is no note' }),
  )
  for (const kind of ['scouting-counts', 'notes'])
    app.post<{ Params: { id: string } }>(`/api/fields/:id/${kind}`, async (request, reply) => {
      if (options.sightings === 'refused')
        return reply.code(404).send({ error: 'NOT_FOUND', message: 'there is no field' })
      const { idem, ...entry } = request.body as { idem: string; atMs: number }
      const isFirst = !accepted.has(idem)
      accepted.set(idem, { ...entry, fieldId: request.params.id })
      if (isFirst && options.sightings === 'lost') {
        reply.hijack()
        return request.raw.socket.destroy()
      }
      notify('field', [request.params.id])
      return { id: idem, receivedMs: now() }
    })
}

const levels = { h: 'high', m: 'moderate', l: 'low', u: 'unknown', '.': null } as const
const signs = { f: 'favourable', '-': 'none', '?': 'unknown', '.': null } as const

const strip = (levelLetters: string, signLetters = ''): Hazard['days'] =>
  [...levelLetters].map((level, i) => {
    const sign = signLetters[i] ?? '.'
    return {
      day: addDays(DAY, i - 14),
      level: levels[level as keyof typeof levels],
      sign: /[1-4]/.test(sign) ? (sign as '1') : signs[sign as keyof typeof signs],
    }
  })

const blast: Hazard = {
  target: 'rice-leaf-blast',
  kind: 'disease',
  action: 'scout',
  level: 'high',
  fields: [
    { id: 'paddy-7', name: 'Paddy 7' },
    { id: 'paddy-8', name: 'Paddy 8' },
  ],
  otherFields: 1,
  fieldId: 'paddy-7',
  throughDay: addDays(DAY, -1),
  heat: null,
  modelId: null,
  reason: { key: 'infection-high', params: { day: addDays(DAY, -2) } },
  look: { fromDay: DAY, toDay: addDays(DAY, 3) },
  spray: null,
  days: strip('llllllmhhmlmhu........', '------4ff1-3f?........'),
}
const moth: Hazard = {
  target: 'codling-moth',
  kind: 'insect',
  action: 'treat',
  level: 'high',
  fields: [{ id: 'hill-2', name: 'Hill 2' }],
  otherFields: 0,
  fieldId: 'hill-2',
  look: null,
  days: [],
  reason: {
    key: 'catch-and-event',
    params: { caught: 12, count: 5, days: 7, event: 'egg-hatch', toDay: addDays(DAY, -1) },
  },
  spray: { fromDay: addDays(DAY, 2), toDay: addDays(DAY, 5) },
  throughDay: addDays(DAY, -1),
  modelId: 'pest-flight:hill-2/codling-moth/1',
  heat: {
    sumCd: 812,
    needCd: 950,
    event: 'next-generation',
    fromDay: '2026-07-29',
    toDay: '2026-08-05',
  },
}
const scab: Hazard = {
  target: 'apple-scab',
  kind: 'disease',
  action: 'cannot-judge',
  level: 'unknown',
  fields: [{ id: 'hill-2', name: 'Hill 2' }],
  otherFields: 0,
  fieldId: 'hill-2',
  modelId: null,
  reason: { key: 'infection-old', params: { day: addDays(DAY, -4) } },
  look: null,
  spray: null,
  throughDay: addDays(DAY, -4),
  heat: null,
  days: strip('lllllllmhlu...........'),
}
const IN_MAY = { fromDay: '2026-05-26', toDay: '2026-05-27' }
const passedMoth: Hazard = { ...moth, heat: { ...moth.heat!, ...IN_MAY } }
/** The insects of a field, their next event in May. */
export const withPassedEvent = (pests: FieldDetail['pests']): FieldDetail['pests'] =>
  pests.map((pest) => ({ ...pest, outlook: { ...pest.outlook!, ...IN_MAY, midDay: IN_MAY.toDay } }))
const calm: Hazard[] = [blast, moth, scab].map((hazard) => ({
  ...hazard,
  action: 'wait',
  level: 'low',
  look: null,
  spray: null,
  throughDay: addDays(DAY, -1),
  reason:
    hazard.kind === 'disease'
      ? { key: 'infection-low', params: { day: addDays(DAY, -1) } }
      : { key: 'catch-below', params: { caught: 1, count: 5, days: 7, toDay: addDays(DAY, -1) } },
  days: hazard.kind === 'disease' ? strip('llllllllllllll........') : [],
}))

function pestsOf(
  how: NonNullable<PestsOptions['pests']>,
  isEmpty: boolean,
  nowMs: number,
  accepted: Taken,
): PestsView {
  const isNone = isEmpty || how === 'none'
  const counts = [...accepted.values()].filter(({ subject }) => subject === 'codling-moth')
  const pests = [
    { count: 4, atMs: nowMs - 10 * DAY_MS },
    { count: 12, atMs: nowMs - 3 * DAY_MS },
    ...counts.map(({ count, atMs }) => ({ count: count!, atMs })),
  ]
  return {
    clock: { nowMs, speed: 1 },
    timeZone,
    fieldCount: isEmpty ? 0 : 12,
    hazards: isNone ? [] : how === 'calm' ? calm : [how === 'passed' ? passedMoth : moth, blast, scab],
    seriesUnavailable: false,
    traps: isNone
      ? []
      : [
          {
            fieldId: 'hill-2',
            fieldName: 'Hill 2',
            subject: 'codling-moth',
            countedBy: 'person-in-trap',
            deviceName: null,
            isLate: false,
            last: pests.at(-1)!,
            before: pests.at(-2)!,
          },
          {
            fieldId: 'north-3',
            fieldName: 'North 3',
            subject: 'corn-earworm',
            countedBy: 'trap',
            deviceName: 'Trap by the river',
            isLate: true,
            last: { count: 3, atMs: nowMs - 4 * DAY_MS },
            before: { count: 3, atMs: nowMs - 5 * DAY_MS },
          },
          {
            fieldId: 'north-3',
            fieldName: 'North 3',
            subject: 'soybean-pod-borer',
            countedBy: 'person-on-plants',
            deviceName: null,
            isLate: false,
            last: null,
            before: null,
          },
        ],
    sprays: isNone
      ? []
      : [
          {
            id: 'spray-2',
            fieldId: 'hill-2',
            fieldName: 'Hill 2',
            atMs: at(6, addDays(DAY, -14)),
            target: 'codling-moth',
            product: 'Hamaki WG',
            isDemo: true,
            dilution: 2500,
            isPart: true,
            partName: 'the edge',
            phiDays: 21,
            notBefore: addDays(DAY, 7),
            usesLeft: 1,
            maxUses: 2,
          },
          {
            id: 'spray-1',
            fieldId: 'paddy-7',
            fieldName: 'Paddy 7',
            atMs: at(6, addDays(DAY, -30)),
            target: 'rice-leaf-blast',
            product: 'Imochi SC',
            isDemo: false,
            dilution: null,
            isPart: false,
            partName: null,
            phiDays: null,
            notBefore: null,
            usesLeft: null,
            maxUses: null,
          },
        ],
  }
}
