/** A certificate of the operator, from PEM files that another program renews. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { every, MINUTE_MS, type Clock } from '../../broker/contract/time.ts'
import { fail } from '../errors.ts'
import type { Logger, Running } from '../ports.ts'
import type { Pair } from './issue.ts'

export interface FileCertificate extends Running {
  current(): Pair
  onChange(run: () => void): void
  /** Reads the files again; an unusable certificate is logged, and the present one stays. */
  reload(): void
}

/** Looks for changed files every minute. INVALID_CONFIG when they are unusable at the start. */
export function openFileCertificate(
  files: { cert: string; key: string },
  { clock, log }: { clock: Clock; log: Logger },
): FileCertificate {
  const listeners: (() => void)[] = []
  let present: Pair
  try {
    present = read(files)
  } catch (cause) {
    return fail('INVALID_CONFIG', `HTTPS cannot start: ${(cause as Error).message}; check HTTPS`, { cause })
  }
  let refused = ''

  function reload(): void {
    try {
      const next = read(files)
      if (next.cert === present.cert && next.key === present.key) return
      present = next
      log.info({ cert: files.cert }, 'HTTPS certificate reloaded')
      for (const listener of listeners) listener()
    } catch (error) {
      const { message } = error as Error
      // once for each fault: the files may be unusable for hours
      if (message !== refused)
        log.error({ error, cert: files.cert }, 'the new HTTPS certificate is unusable; the present one stays')
      refused = message
    }
  }
  const stopTimer = every(clock, MINUTE_MS, reload)
  return {
    current: () => present,
    onChange: (run) => void listeners.push(run),
    reload,
    stop: async () => stopTimer(),
  }
}

function read({ cert, key }: { cert: string; key: string }): Pair {
  const pair = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  createSecureContext(pair) // throws unless they belong together
  return pair
}
