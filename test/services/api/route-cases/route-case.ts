/** What a valid call of a route is made of, and what the body of one may name of another organisation. */
/** What is known only once it is there. */
export interface Known {
  member: Record<string, string>
  letter: Record<string, string>
  spareLetter: Record<string, string>
}

export interface RouteCase {
  /**
   * list: shows rows of the organisation; object: one of its objects, by id; create: makes one; self: the caller and
   * nothing else; public: nobody's.
   */
  kind: 'list' | 'object' | 'create' | 'self' | 'public'
  id?: (org: string, known: Known) => string
  /** of an object: the status for its own organisation, where the state of the test allows no success; default 200 */
  ownStatus?: number
  query?: string
  body?: (org: string) => object
  /**
   * What the body or the query names: the same call with another organisation's object in its place, and the status
   * with which it is refused (404 unless said); a text: why it names no object.
   */
  refers?: Record<string, { with: (own: string, other: string) => object; status?: number } | string>
  /** of a write: why it leaves no line in the audit of the organisation */
  unaudited?: string
}

/** A request of the other organisation has this key: using it again must not show what came of it. */
export const taken = (rest: (own: string) => object) => ({
  with: (own: string, other: string) => ({ ...rest(own), idem: `${other}-request` }),
  status: 409,
})
