/** Calls that make the farm what it is: fields and their shapes, seasons, zones, pumps, prices, devices. */
import { createHash } from 'node:crypto'
import { drawQr } from '../../../support/draw-qr.ts'
import { smallJpeg } from '../../../support/small-jpeg.ts'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import { NOW_MS } from '../rows.ts'
import type { RouteCase } from './route-case.ts'
import { zone } from './plant.ts'

/** A file without features: nothing to change, and the same for everyone. */
const noShapes = { text: '{"type":"FeatureCollection","features":[]}', newIn: null, assigned: [] }
const noShapesHash = createHash('sha256').update(noShapes.text).digest('hex')
const newIn = (org: string) => ({ farmId: `${org}-farm`, soilTexture: 'loam', kind: 'upland' })

const label = drawQr('tilth:claim?code=K3QF-7M2P-XR4T-9WBA-CDF0')
const labelPicture = { ...label, grey: Buffer.from(label.grey).toString('base64') }

const photo = { thumbnail: smallJpeg(), picture: smallJpeg() }

const load = { day: '2026-10-01', form: 'grain', grossKg: 900, moisturePct: 14, foreignPct: 0 }
const byHand = { atMs: NOW_MS - DAY_MS, amount: { value: 10, unit: 'mm' } }
const tillage = { kind: 'tillage', day: '2026-07-20' }
const field = { name: 'x', kind: 'upland', areaM2: 1, soilTexture: 'loam' }
const farm = { name: 'x', timeZone: 'Asia/Tokyo', latDeg: 36, lonDeg: 140, elevationM: 3 }

const halves = [
  { name: 'Left', areaM2: 400 },
  { name: 'Right', areaM2: 600 },
]

export const farmCases: Record<string, RouteCase> = {
  'PATCH /api/zones/:id': {
    kind: 'object',
    id: (org) => `${org}-zone`,
    body: () => ({ adjustPercent: 10 }),
    refers: {
      controllerId: { with: (_, other) => ({ controllerId: `${other}-controller` }) },
      pumpId: { with: (_, other) => ({ pumpId: `${other}-pump` }) },
    },
  },
  'GET /api/map': { kind: 'list' },
  'POST /api/shapes/preview': {
    kind: 'create',
    body: () => noShapes,
    refers: {
      farmId: { with: (_, other) => ({ ...noShapes, newIn: newIn(other) }) },
      fieldId: {
        with: (_, other) => ({ ...noShapes, assigned: [{ row: 1, fieldId: `${other}-field` }] }),
      },
    },
  },
  'POST /api/shapes/import': {
    kind: 'create',
    body: () => ({ ...noShapes, hash: noShapesHash, leaveOut: 0 }),
    refers: {
      farmId: {
        with: (_, other) => ({ ...noShapes, newIn: newIn(other), hash: noShapesHash, leaveOut: 0 }),
      },
      fieldId: {
        with: (_, other) => ({
          ...noShapes,
          assigned: [{ row: 1, fieldId: `${other}-field` }],
          hash: noShapesHash,
          leaveOut: 0,
        }),
      },
    },
  },
  'DELETE /api/fields/:id/shape': { kind: 'object', id: (org) => `${org}-paddy` },
  'POST /api/farms': { kind: 'create', body: () => farm },
  'PATCH /api/farms/:id': {
    kind: 'object',
    id: (org) => `${org}-farm`,
    body: () => ({ elevationM: 12 }),
  },
  'POST /api/fields': {
    kind: 'create',
    body: (org) => ({ ...field, farmId: `${org}-farm` }),
    refers: {
      farmId: { with: (_, other) => ({ ...field, farmId: `${other}-farm` }) },
      stationId: {
        with: (own, other) => ({ ...field, farmId: `${own}-farm`, stationId: `${other}-station` }),
      },
    },
  },
  'PATCH /api/fields/:id': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: () => ({ name: 'North 3, as it is called' }),
  },
  'PATCH /api/seasons/:id': {
    kind: 'object',
    id: (org) => `${org}-rice`,
    body: () => ({ variety: 'Akitakomachi' }),
  },
  'GET /api/forecast-skill': { kind: 'list' },
  'POST /api/fields/:id/fixed-schedule': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: () => ({ depthMm: 30, everyDays: 5, waterPricePerM3: 12, currency: 'JPY' }),
  },
  'GET /api/fields/:id/strategy': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/fields/:id/strategy': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: () => ({ kind: 'supplemental', phases: ['flowering'], maxIrrigations: 2, cropPricePerT: 400 }),
  },
  'POST /api/farms/:id/water-price': {
    kind: 'object',
    id: (org) => `${org}-farm`,
    body: () => ({ waterPerM3: 12, energyPerM3: 4, currency: 'JPY' }),
  },
  'POST /api/farms/:id/weather-thresholds': {
    kind: 'object',
    id: (org) => `${org}-farm`,
    body: () => ({ frostC: 4, gustMps: 15, rainMm: 30 }),
  },
  'POST /api/pumps/:id/water-price': {
    kind: 'object',
    id: (org) => `${org}-pump`,
    body: () => ({ waterPerM3: 9 }),
  },
  'POST /api/fields/:id/degree-day-trackers': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: () => ({ subject: 'codling-moth', biofixDay: '2026-05-01' }),
  },
  'POST /api/pumps': {
    kind: 'create',
    body: (org) => ({ farmId: `${org}-farm`, name: 'x', capacityLpm: 1, maxOpenValves: 1 }),
    refers: {
      farmId: {
        with: (_, other) => ({ farmId: `${other}-farm`, name: 'x', capacityLpm: 1, maxOpenValves: 1 }),
      },
      feedsFromId: {
        with: (own, other) => ({
          farmId: `${own}-farm`,
          name: 'x',
          capacityLpm: 1,
          maxOpenValves: 1,
          feedsFromId: `${other}-pump`,
        }),
      },
    },
  },
  'PATCH /api/pumps/:id': {
    kind: 'object',
    id: (org) => `${org}-spare-pump`,
    body: () => ({ capacityLpm: 2 }),
    refers: { feedsFromId: { with: (_, other) => ({ feedsFromId: `${other}-pump` }) } },
  },
  'POST /api/seasons': {
    kind: 'create',
    body: (org) => ({ fieldId: `${org}-field`, year: 2026, crop: 'maize', plantedDay: '2026-05-01' }),
    refers: {
      fieldId: {
        with: (_, other) => ({
          fieldId: `${other}-field`,
          year: 2026,
          crop: 'maize',
          plantedDay: '2026-05-01',
        }),
      },
    },
  },
  'POST /api/fields/:id/frost-survived': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: () => ({ day: '2026-07-01' }),
  },
  'POST /api/seasons/:id/yield': {
    kind: 'object',
    id: (org) => `${org}-season`,
    body: () => ({ kg: 900, basis: '13 % moisture' }),
  },
  'POST /api/seasons/:id/harvest': {
    kind: 'object',
    id: (org) => `${org}-season`,
    body: () => ({ harvestedM2: 2900 }),
  },
  'POST /api/fields/:id/loads': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: (org) => ({ ...load, seasonId: `${org}-season` }),
    refers: {
      seasonId: { with: (_, other) => ({ ...load, seasonId: `${other}-season` }) },
      fieldId: {
        with: (own, other) => ({
          ...load,
          seasonId: `${own}-season`,
          alsoIn: [{ fieldId: `${other}-field` }],
        }),
      },
      idem: 'a key of the own organisation: another may have chosen the same (harvests.test.ts)',
    },
  },
  'POST /api/loads/:id/correct': {
    kind: 'object',
    id: (org) => `${org}-load-misread`,
    body: () => ({ reason: 'misread', grossKg: 421 }),
  },
  'POST /api/loads/:id/void': {
    kind: 'object',
    id: (org) => `${org}-load`,
    body: () => ({ reason: 'weighed twice' }),
  },
  'GET /api/fields/:id/history': { kind: 'object', id: (org) => `${org}-field` },
  'GET /api/fields/:id/work': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/field-work': {
    kind: 'create',
    body: (org) => ({ ...tillage, idem: `${org}-tillage`, fields: [{ fieldId: `${org}-field` }] }),
    refers: {
      idem: 'a key of the own organisation: another may have chosen the same (field-work.test.ts)',
      fieldId: {
        with: (_, other) => ({ ...tillage, idem: 'tillage-2', fields: [{ fieldId: `${other}-field` }] }),
      },
    },
  },
  'POST /api/field-work/:id/confirm': { kind: 'object', id: (org) => `${org}-work` },
  'POST /api/field-work/:id/photos': {
    kind: 'object',
    id: (org) => `${org}-work`,
    body: () => ({ ...photo, takenMs: NOW_MS }),
  },
  'POST /api/treatments/:id/photos': {
    kind: 'object',
    id: (org) => `${org}-treatment-done`,
    body: () => ({ ...photo, takenMs: NOW_MS }),
  },
  'POST /api/notes/:id/photos': {
    kind: 'object',
    id: (org) => `${org}-note-kept`,
    body: () => ({ ...photo, takenMs: NOW_MS }),
  },
  'GET /api/photos/:id': { kind: 'object', id: (org) => `${org}-photo` },
  'POST /api/photos/:id/void': {
    kind: 'object',
    id: (org) => `${org}-photo-wrong`,
    body: () => ({ reason: 'blurred' }),
  },
  'POST /api/field-work/:id/void': {
    kind: 'object',
    id: (org) => `${org}-work`,
    body: () => ({ reason: 'another field' }),
  },
  'GET /api/fields/:id/irrigations': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/irrigations': {
    kind: 'create',
    body: (org) => ({ ...byHand, idem: `${org}-by-hand`, fields: [{ fieldId: `${org}-field` }] }),
    refers: {
      idem: 'a key of the own organisation: another may have chosen the same (manual-irrigation.test.ts)',
      fieldId: {
        with: (_, other) => ({ ...byHand, idem: 'by-hand-2', fields: [{ fieldId: `${other}-field` }] }),
      },
      zoneId: {
        with: (own, other) => ({
          ...byHand,
          idem: 'by-hand-3',
          fields: [{ fieldId: `${own}-field`, zoneId: `${other}-zone` }],
        }),
      },
    },
  },
  'POST /api/irrigations/confirm': {
    kind: 'create',
    body: (org) => ({ fieldId: `${org}-field`, untilMs: NOW_MS }),
    refers: { fieldId: { with: (_, other) => ({ fieldId: `${other}-field`, untilMs: NOW_MS }) } },
  },
  'POST /api/irrigations/:id/void': {
    kind: 'object',
    id: (org) => `${org}-irrigation`,
    body: () => ({ reason: 'another zone' }),
  },
  'POST /api/zones': {
    kind: 'create',
    body: (org) => ({ ...zone, fieldId: `${org}-field` }),
    refers: {
      fieldId: { with: (_, other) => ({ ...zone, fieldId: `${other}-field` }) },
      controllerId: {
        with: (own, other) => ({ ...zone, fieldId: `${own}-field`, controllerId: `${other}-controller` }),
      },
      pumpId: { with: (own, other) => ({ ...zone, fieldId: `${own}-field`, pumpId: `${other}-pump` }) },
    },
  },
  'POST /api/devices': {
    kind: 'create',
    body: (org) => ({ id: `${org}-new`, name: 'x', kind: 'controller' }),
    refers: {
      farmId: { with: (_, other) => ({ id: 'new-1', name: 'x', kind: 'probe', farmId: `${other}-farm` }) },
      fieldId: { with: (_, other) => ({ id: 'new-2', name: 'x', kind: 'probe', fieldId: `${other}-field` }) },
    },
  },
  'POST /api/claim-codes': {
    kind: 'create',
    body: (org) => ({ id: `${org}-claimed`, name: 'x', kind: 'controller', farmId: `${org}-farm` }),
    refers: {
      farmId: { with: (_, other) => ({ name: 'x', kind: 'probe', farmId: `${other}-farm` }) },
      fieldId: { with: (_, other) => ({ name: 'x', kind: 'probe', fieldId: `${other}-field` }) },
      valves: { with: (_, other) => ({ name: 'x', kind: 'controller', valves: { V1: `${other}-zone` } }) },
    },
  },
  'POST /api/devices/:id/claim-code': { kind: 'object', id: (org) => `${org}-station`, body: () => ({}) },
  'POST /api/labels/read': {
    // its size differs from the declared one: refused
    kind: 'self',
    body: () => ({ ...labelPicture, width: labelPicture.width + 1 }),
    unaudited: 'it reads a picture and keeps nothing',
  },
  'POST /api/claim': {
    kind: 'public',
    body: () => ({ code: 'no such code' }),
    unaudited: 'a device claims; its own tests show what is kept of it',
  },
  'PATCH /api/devices/:id': {
    kind: 'object',
    id: (org) => `${org}-probe`,
    body: () => ({ everyS: 600 }),
    refers: {
      farmId: { with: (_, other) => ({ farmId: `${other}-farm` }) },
      fieldId: { with: (_, other) => ({ fieldId: `${other}-field` }) },
    },
  },
  'GET /api/devices/:id': { kind: 'object', id: (org) => `${org}-probe` },
  'POST /api/devices/:id/photo': { kind: 'object', id: (org) => `${org}-probe`, body: () => photo },
  'GET /api/devices/:id/photo': { kind: 'object', id: (org) => `${org}-probe` },
  'DELETE /api/devices/:id/photo': { kind: 'object', id: (org) => `${org}-probe` },
  'POST /api/devices/:id/place': {
    kind: 'object',
    id: (org) => `${org}-probe`,
    body: () => ({ at: { latDeg: 36.4, lonDeg: 140.2 } }),
  },
  'POST /api/devices/:id/rotate': { kind: 'object', id: (org) => `${org}-probe` },
  'POST /api/devices/:id/revoke': { kind: 'object', id: (org) => `${org}-probe` },
  'POST /api/fields/:id/split': {
    kind: 'object',
    id: (org) => `${org}-whole`,
    body: () => ({ day: '2026-07-01', parts: halves }),
    refers: {
      zoneIds: {
        with: (_, other) => ({
          day: '2026-07-01',
          parts: [{ ...halves[0], zoneIds: [`${other}-spare-zone`] }, halves[1]],
        }),
        status: 400,
      },
      deviceIds: {
        with: (_, other) => ({
          day: '2026-07-01',
          parts: [{ ...halves[0], deviceIds: [`${other}-probe`] }, halves[1]],
        }),
        status: 400,
      },
    },
  },
  'POST /api/fields/:id/merge': {
    kind: 'object',
    id: (org) => `${org}-east`,
    body: (org) => ({ day: '2026-07-01', fieldIds: [`${org}-west`], name: 'East and west' }),
    refers: {
      fieldIds: { with: (_, other) => ({ day: '2026-07-01', fieldIds: [`${other}-west`], name: 'Both' }) },
    },
  },
  'DELETE /api/zones/:id': { kind: 'object', id: (org) => `${org}-spare-zone` },
  'DELETE /api/pumps/:id': { kind: 'object', id: (org) => `${org}-spare-pump` },
  'DELETE /api/seasons/:id': { kind: 'object', id: (org) => `${org}-rice` },
  'DELETE /api/fields/:id': { kind: 'object', id: (org) => `${org}-spare-field` },
  'DELETE /api/farms/:id': {
    kind: 'object',
    id: (org) => `${org}-spare-farm`,
    body: (org) => ({ name: `${org} spare` }),
  },
}
