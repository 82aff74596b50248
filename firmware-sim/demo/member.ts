/** A member who signs in and approves the proposals of the plan, over the HTTP API. */
export interface Member {
  /** Approves every run that waits for a person. */
  approveAll(): Promise<void>
  /** Sets each outlet board that a task requests. */
  setBoards(setBoard: (fieldId: string, boardMm: number) => void): Promise<void>
  /** Calls the API; throws on an error response. */
  call: Call
}

export type Call = <T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) => Promise<T>

/** The part of GET /api/plan that a member uses. */
type Plan = { runs: { id: string; state: string }[] }

type Task = { id: string; fieldId: string; kind: string; params: Record<string, unknown> }

/**
 * Rejects when the sign-in is refused. The session stays open; errors of `approveAll` for a single run are ignored.
 */
export async function signIn(url: string, account: { email: string; password: string }): Promise<Member> {
  const headers = { 'content-type': 'application/json', origin: url }
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers,
    body: JSON.stringify(account),
  })
  if (!response.ok) throw new Error(`sign-in was refused: ${response.status} ${await response.text()}`)
  const cookie = response.headers
    .getSetCookie()
    .map((text) => text.split(';')[0])
    .join('; ')

  return {
    async call<T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<T> {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: body === undefined ? { origin: url, cookie } : { ...headers, cookie },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    async setBoards(setBoard) {
      const tasks = (await (await fetch(`${url}/api/tasks`, { headers: { cookie } })).json()) as Task[]
      for (const { id, fieldId, kind, params } of tasks) {
        if (kind !== 'set-board') continue
        setBoard(fieldId, Number(params['boardMm']))
        await fetch(`${url}/api/tasks/${id}/done`, {
          method: 'POST',
          headers: { ...headers, cookie },
          body: '{}',
        })
      }
    },
    async approveAll() {
      const plan = (await (await fetch(`${url}/api/plan`, { headers: { cookie } })).json()) as Plan
      for (const { id, state } of plan.runs)
        // errors are ignored: the run may have been withdrawn meanwhile
        if (state === 'proposed')
          await fetch(`${url}/api/runs/${id}/approve`, {
            method: 'POST',
            headers: { ...headers, cookie },
            body: '{}',
          })
    },
  }
}
