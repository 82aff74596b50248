/**
 * The name of this Tilth on the local network, `tilth.local` (multicast DNS, RFC 6762), and its service `_https` or `_http`
 * (RFC 6763). If another machine has the name, the next one is taken: `tilth-2.local`. Tilth does not depend on it: a network
 * without multicast gives one line in the log.
 */
import type { Responder } from '@homebridge/ciao'
import type { Logger, Running } from '../../ports.ts'

// as many Tilths as one network may have
const MOST_NAMES = 20

/** The dashboard as others find it. */
export interface LocalService {
  type: 'http' | 'https'
  port: number
}

export interface LocalName extends Running {
  /** `tilth.local`; null until it is known to be free */
  current(): string | null
  /** Resolves when the name is announced, or cannot be. */
  settled: Promise<void>
}

/**
 * Returns at once: it takes a second to find whether a name is free. `name` is without the domain. The library is loaded only
 * here.
 */
export function announceLocalName(of: { name: string; service: LocalService; log: Logger }): LocalName {
  const { name, service, log } = of
  let responder: Responder | null = null
  let current: string | null = null
  let isStopping = false

  async function announce(first: number): Promise<void> {
    current = null
    const { getResponder } = await import('@homebridge/ciao')
    if (isStopping) return
    // several responders of one machine share the port, and a unicast response reaches only one of them
    responder ??= getResponder({ ignoreUnicastResponseFlag: true })
    for (let number = first; number <= MOST_NAMES; number++) {
      const suffix = number === 1 ? '' : `${number}`
      const hostname = [name, suffix].filter(Boolean).join('-')
      const announced = responder.createService({
        name: `Tilth ${suffix}`.trim(),
        ...service,
        hostname,
        txt: { path: '/' },
      })
      let isTaken = false
      // the library would go on with `tilth-(2).local`, which no certificate can contain
      for (const event of ['name-change', 'hostname-change'])
        announced.on(event as never, () => {
          if (current === `${hostname}.local` && !isTaken)
            void announced.destroy().then(() => announce(number + 1), noMulticast)
          isTaken = true
        })
      await announced.advertise()
      if (isTaken) {
        await announced.destroy()
        continue
      }
      current = `${hostname}.local`
      if (number === 1) log.info({ name: current }, 'this Tilth has a name on the network')
      else log.warn({ name: current }, `another machine is ${name}.local; this Tilth has the next free name`)
      return
    }
    log.warn({}, `no name like ${name}.local is free on this network`)
  }
  function noMulticast(error: unknown): void {
    if (!isStopping) log.warn({ error }, `${name}.local cannot be announced: this network has no multicast`)
  }

  const settled = announce(1).catch(noMulticast)
  return {
    current: () => current,
    settled,
    async stop() {
      isStopping = true
      await responder?.shutdown()
      await settled
    },
  }
}
