/** The heaviest requests that a person can make. */
import { fieldId } from '../../support/place.ts'
import { heavyFiles, requestOf } from '../../../test/support/hostile-files.ts'

export interface HeavyRequest {
  method: 'GET' | 'POST'
  path: string
  body?: object
  status: number
}

/** Bodies of a million characters that do not fit their schema. */
const wrongBodies: HeavyRequest[] = [
  {
    method: 'POST',
    path: '/api/fields',
    body: { geojson: { type: 'Polygon', coordinates: [Array.from({ length: 120_000 }, () => [1, 2])] } },
    status: 400,
  },
  {
    method: 'POST',
    path: '/api/start',
    body: Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`k${i}`, i])),
    status: 400,
  },
]

/**
 * The largest pages, reports and exports of a co-operative with a season in `year`, and the largest files that are accepted.
 */
export function heavyRequests(year: number): HeavyRequest[] {
  const get = (path: string): HeavyRequest => ({ method: 'GET', path, status: 200 })
  return [
    ...heavyFiles.map((file) => ({
      method: 'POST' as const,
      ...requestOf(file, file.bytes()),
      status: file.status,
    })),
    get('/api/today'),
    get('/api/map'),
    get('/api/plan'),
    get('/api/farms'),
    get('/api/devices'),
    get('/api/members'),
    get('/api/memberships'),
    get('/api/products'),
    get('/api/audit?limit=200'),
    get('/api/audit.csv'),
    get('/api/audit/verify'),
    get(`/api/fields/${fieldId(0)}?range=season`),
    get(`/api/fields/${fieldId(0)}/history?year=${year}`),
    get(`/api/reports/season?year=${year}`),
    get(`/api/reports/yields?year=${year}`),
    get(`/api/reports/season.csv?year=${year}`),
    get('/api/export'),
    get('/api/docs/json'),
    ...wrongBodies,
  ]
}
