/** A lock for heavy work that an organisation may do only once at a time; a second caller gets CONFLICT. */
import { fail, type ErrorParams } from '../../errors.ts'

export interface OrgLock {
  /**
   * Returns the release function. CONFLICT with `meanwhile` and `params` while the organisation holds the lock.
   */
  acquire(org: string, meanwhile: string, params?: ErrorParams): () => void
}

/** Each call returns independent locks, held in memory only. `org` may be any key. */
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
