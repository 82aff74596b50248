/**
 * A phone's browser without internet: playwright drives its pages, Lighthouse connects to the debugging port. One
 * profile, so a sign-in counts for both.
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
    // only this machine resolves
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
  const response = await context.request.post(`${url}/api/auth/sign-in/email`, {
    headers: { origin: url },
    data: { email: 'bench@example.org', password },
  })
  if (!response.ok())
    throw new Error(`signing in was refused with ${response.status()}: ${await response.text()}`)
}
