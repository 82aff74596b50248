/** What `tilth doctor` found about one thing. */
export interface Finding {
  subject: string
  /** warning: Tilth runs, with something missing; fault: it does not start, or loses data */
  state: 'ok' | 'warning' | 'fault'
  what: string
  /** what to do about it; absent where nothing is to be done */
  todo?: string
}

export const fine = (subject: string, what: string): Finding => ({ subject, state: 'ok', what })
export const warning = (subject: string, what: string, todo: string): Finding => ({
  subject,
  state: 'warning',
  what,
  todo,
})
export const fault = (subject: string, what: string, todo: string): Finding => ({
  subject,
  state: 'fault',
  what,
  todo,
})

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
