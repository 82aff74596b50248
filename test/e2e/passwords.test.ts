/** Changing a password, and resetting a forgotten one. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`passwords${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard
  const bodies = (route: string) =>
    dashboard.fixture.received.filter((item) => item.route === route).map(({ body }) => body)

  it('is changed under Settings with the current one', async () => {
    const page = await open('/settings', { role: 'viewer' })
    await page.getByText('Change password').tap()
    const change = async (present: string) => {
      await page.getByLabel('Current password').fill(present)
      await page.getByLabel('New password').fill('mizu-to-kome')
      await page.getByLabel('New password').press('Enter')
    }
    await change('wrong-one')
    await page.getByRole('alert').filter({ hasText: 'the current password is wrong' }).waitFor()
    await change('green-fields')
    await page.getByText('Password changed. Other phones are signed out.').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(bodies('POST /api/auth/change-password').at(-1)).toEqual({
      currentPassword: 'green-fields',
      newPassword: 'mizu-to-kome',
    })
    // no password stays visible
    expect(await page.getByLabel('Current password').inputValue()).toBe('')
  })

  it('a forgotten one is reset by a one-time link from an administrator; a refusal states what to do', async () => {
    const page = await open('/people', { role: 'admin' })
    const make = page.getByRole('button', { name: 'Password reset link' })
    await make.tap() // every other person has one, but not oneself
    await page.getByRole('link', { name: /\/join\?reset=K3QF-7M2P$/ }).waitFor()
    await page
      .getByText(/^Valid until/)
      .first()
      .waitFor()
    const response = { error: 'USER_IN_OTHER_ORGANISATION', message: 'this person also belongs to' }
    await page.route('**/password-link', (route) => route.fulfill({ status: 403, json: response }))
    await make.tap()
    await page.getByText(/ask the server operator to create the link/).waitFor()
    expect(await page.getByRole('link', { name: /reset=/ }).count()).toBe(0)
  })

  it("the person who opens the link sees the account's name, chooses a password and is signed in", async () => {
    const page = await open('/join?reset=K3QF-7M2P', { signedIn: false })
    await page.getByRole('heading', { name: 'New password' }).waitFor()
    await page.getByText('Haruko Sato, haruko@example.org').waitFor()
    expect(await page.getByLabel('E-mail').count()).toBe(0)
    await page.getByLabel('Password', { exact: true }).fill('mizu-to-kome')
    await page.getByRole('button', { name: 'Change password' }).tap()
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    expect(bodies('POST /api/password-links/accept')).toEqual([
      { code: 'K3QF-7M2P', password: 'mizu-to-kome' },
    ])
  })

  it('an expired link is reported as expired', async () => {
    const page = await open('/join?reset=USED', { signedIn: false })
    await page.getByText('This link is not valid.').waitFor()
    expect(await page.getByLabel('Password').count()).toBe(0)
  })

  it('an invitation is opened on the same page; a person with an account is sent to the sign-in', async () => {
    const page = await open('/join?code=PERSON', { signedIn: false })
    await page.getByText('Niigata co-operative invites you to join. Your role:').waitFor()
    await page.getByLabel('E-mail').fill('abe@example.org')
    await page.getByLabel('Password').fill('mizu-to-kome')
    await page.route('**/invitations/accept', (route) =>
      route.fulfill({ status: 409, json: { error: 'CONFLICT', message: 'has an account' } }),
    )
    await page.getByRole('button', { name: 'Join' }).tap()
    await page.getByText('This address has an account.').waitFor()
  })
})
