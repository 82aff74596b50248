/**
 * A phone's browser, offline from the internet: its pages are driven by playwright, and Lighthouse joins by the port for
 * debugging. One profile: who signs in once is signed in for both.
 */
import { chromium, type BrowserContext } from 'playwright-core'
import { freePort } from '../../test/support/free-port.ts'
import { launchOptions } from '../../test/e2e/browser.ts'
import type { Bench } from '../support/bench.ts'

export interface Phone {
  context: BrowserContext
  /** for debugging */
  port: number
}

export async function openPhone(bench: Bench): Promise<Phone> {
  const port = await freePort()
  const { args, ...options } = launchOptions()
  const context = await chromium.launchPersistentContext(await bench.folder('phone'), {
    ...options,
    // no host but this machine has an address
    args: [
      ...args,
      `--remote-debugging-port=${port}`,
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
  })
  bench.onEnd(() => context.close())
  return { context, port }
}

/** As the form does; the cookie stays in the profile. */
export async function signIn({ context }: Phone, url: string, password: string): Promise<void> {
  const answer = await context.request.post(`${url}/api/auth/sign-in/email`, {
    headers: { origin: url },
    data: { email: 'bench@example.org', password },
  })
  if (!answer.ok()) throw new Error(`signing in was refused with ${answer.status()}: ${await answer.text()}`)
}
