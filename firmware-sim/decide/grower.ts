/** The person on the farm, over the HTTP API; signs in when there is something to do. */
import { randomUUID } from 'node:crypto'
import type { Tilth } from '../../services/app/start.ts'
import { signIn, type Member } from '../demo/member.ts'
import { ORG, ZONE } from './farm-rows.ts'

export interface Grower {
  /** Approves a run that waits for a person. */
  approve(runId: string): Promise<void>
  /** Opens the valve for some minutes, in addition to the plan. */
  start(minutes: number): Promise<void>
}

export function growerOf(tilth: Pick<Tilth, 'api' | 'port'>): Grower {
  let member: Member | null = null
  async function signedIn(): Promise<Member> {
    if (member) return member
    const account = { email: `${randomUUID()}@closed-loop.example`, password: randomUUID() }
    await tilth.api.createUser({
      ...account,
      name: 'Grower',
      org: ORG,
      orgName: 'Closed loop',
      role: 'admin',
    })
    return (member = await signIn(`http://127.0.0.1:${tilth.port}`, account))
  }
  return {
    async approve(runId) {
      const { call } = await signedIn()
      await call('POST', `/api/runs/${runId}/approve`, {})
    },
    async start(minutes) {
      const { call } = await signedIn()
      await call('POST', '/api/start', { idem: randomUUID(), zoneId: ZONE, minutes: Math.ceil(minutes) })
    },
  }
}
