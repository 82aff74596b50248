/** Calls about insects, diseases, products and treatments. */
import { createHash } from 'node:crypto'
import { NOW_MS } from '../rows.ts'
import type { RouteCase } from './route-case.ts'

const oneProduct = `country,registration,name,kind,crop,target
JP,NEW-1,x,fungicide,rice,rice-leaf-blast
`
/** As the preview of this text gives it. */
const oneProductHash = createHash('sha256').update(`csv\n${oneProduct}`).digest('hex')

const treatment = {
  target: 'codling-moth',
  fromMs: NOW_MS + 3_600_000,
  toMs: NOW_MS + 7_200_000,
  operator: 'Sato',
  unit: 'mL/10a',
  dilution: 2500,
  volumeL10a: 200,
}
const sprayed = { ...treatment, fromMs: NOW_MS - 7_200_000, toMs: NOW_MS - 3_600_000 }
/** Every check that may be caution or unknown: with all of them a person answers for a treatment. */
const accepts = [
  ...['phi', 'rei', 'count-product', 'count-ingredient', 'interval', 'group', 'dose', 'dilution', 'buffer'],
  ...['weather', 'irrigation', 'authorised', 'crop', 'target'],
]
const codlingMoth = { subject: 'codling-moth', where: 'trap', count: 12, atMs: NOW_MS }

export const pestControl: Record<string, RouteCase> = {
  'GET /api/pests': { kind: 'list' },
  'POST /api/fields/:id/scouting-counts': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: (org) => ({ ...codlingMoth, idem: `${org}-count` }),
    refers: {
      idem: 'a key of the own organisation: another may have chosen the same (scouting-counts.test.ts)',
    },
  },
  'POST /api/fields/:id/notes': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: (org) => ({ idem: `${org}-note`, atMs: NOW_MS, text: 'lodged by the outlet' }),
    refers: {
      idem: 'a key of the own organisation: another may have chosen the same (scouting-counts.test.ts)',
    },
  },
  'GET /api/fields/:id/pest-control': { kind: 'object', id: (org) => `${org}-field` },
  'POST /api/fields/:id/pest-economics': {
    kind: 'object',
    id: (org) => `${org}-field`,
    body: () => ({ target: 'codling-moth', isUsed: true, costPerHa: 120 }),
  },
  'GET /api/products': { kind: 'list' },
  'POST /api/products/preview': {
    kind: 'create',
    body: () => ({ format: 'demo', text: '' }),
  },
  'POST /api/products/import': {
    kind: 'create',
    body: () => ({ format: 'csv', text: oneProduct, hash: oneProductHash, leaveOut: 0 }),
  },
  'POST /api/products/:id/retire': { kind: 'object', id: (org) => `${org}-old-product` },
  'GET /api/treatments': {
    kind: 'list',
    refers: { fieldId: { with: (_, other) => ({ fieldId: `${other}-field` }) } },
  },
  'GET /api/treatments/:id': { kind: 'object', id: (org) => `${org}-treatment` },
  'POST /api/treatments': {
    kind: 'create',
    body: (org) => ({ ...treatment, fieldId: `${org}-field`, productId: `${org}-product` }),
    refers: {
      fieldId: {
        with: (own, other) => ({ ...treatment, fieldId: `${other}-field`, productId: `${own}-product` }),
      },
      productId: {
        with: (own, other) => ({ ...treatment, fieldId: `${own}-field`, productId: `${other}-product` }),
      },
    },
  },
  'POST /api/treatments/past': {
    kind: 'create',
    body: (org) => ({
      ...sprayed,
      idem: `${org}-spray`,
      fieldId: `${org}-field`,
      productId: `${org}-product`,
    }),
    refers: {
      idem: 'a key of the own organisation: another may have chosen the same (past-treatments.test.ts)',
      fieldId: {
        with: (own, other) => ({
          ...sprayed,
          idem: 'spray-02',
          fieldId: `${own}-field`,
          productId: `${own}-product`,
          alsoIn: [{ fieldId: `${other}-field` }],
        }),
      },
      productId: {
        with: (own, other) => ({
          ...sprayed,
          idem: 'spray-03',
          fieldId: `${own}-field`,
          productId: `${other}-product`,
        }),
      },
    },
  },
  'PATCH /api/treatments/:id': {
    kind: 'object',
    id: (org) => `${org}-treatment`,
    body: () => ({ operator: 'Tanaka' }),
    refers: {
      productId: { with: (_, other) => ({ productId: `${other}-product` }) },
      fieldId: { with: (_, other) => ({ alsoIn: [{ fieldId: `${other}-field` }] }) },
    },
  },
  'POST /api/treatments/:id/confirm': {
    kind: 'object',
    id: (org) => `${org}-treatment`,
    body: () => ({ accepts }),
  },
  'POST /api/treatments/:id/done': {
    kind: 'object',
    id: (org) => `${org}-treatment-confirmed`,
    body: () => ({ startMs: NOW_MS - 7_200_000, endMs: NOW_MS - 3_600_000 }),
  },
  'POST /api/treatments/:id/record': { kind: 'object', id: (org) => `${org}-treatment-done` },
  'POST /api/treatments/:id/void': {
    kind: 'object',
    id: (org) => `${org}-treatment-wrong`,
    body: () => ({ reason: 'rained off' }),
  },
  'POST /api/seasons/:id/planned-harvest': {
    kind: 'object',
    id: (org) => `${org}-season`,
    body: () => ({ day: '2026-10-20' }),
  },
}
