/** Work so heavy that an organisation has one of it at a time: whoever asks meanwhile is told so. */
import { fail, type ErrorParams } from '../../errors.ts'

export interface OrgLock {
  /** Gives what ends it. CONFLICT, with `meanwhile` and `params`, while one of the organisation is under way. */
  acquire(org: string, meanwhile: string, params?: ErrorParams): () => void
}

export function orgLock(): OrgLock {
  const underWay = new Set<string>()
  return {
    acquire(org, meanwhile, params) {
      if (underWay.has(org)) fail('CONFLICT', meanwhile, params && { params })
      underWay.add(org)
      return () => void underWay.delete(org)
    },
  }
}
