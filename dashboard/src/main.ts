/** The dashboard's start: language and theme first, then the page, then the service worker that opens it offline. */
import { mount } from 'svelte'
import App from './App.svelte'
import './app/home-screen.svelte.ts'
import { fetchOwnFont, useOwnFont } from './app/own-font.ts'
import { preferences } from './app/preferences.svelte.ts'
import { route } from './app/route.svelte.ts'
import { preloadScreen } from './app/screens.ts'
import { session } from './app/session.svelte.ts'
import { registerWorker } from './app/service-worker.ts'
import { warmFormats } from './i18n/format.ts'
import { i18n } from './i18n/i18n.svelte.ts'
import './styles/tokens.css'
import './styles/base.css'

const NEXT_SCREENS_AFTER_MS = 3_000

document.documentElement.dataset.theme = preferences.theme
useOwnFont()
const { path } = route
// in parallel, since each round trip is long on a weak signal: the texts, the screen, and the session
const texts = i18n.start(['common'])
void preloadScreen(path)
if (!['/setup', '/join', '/verify', '/trust'].includes(path)) void session.open()
warmFormats(i18n.language)
void texts.then(() => {
  mount(App, { target: document.getElementById('app')! })
  void registerWorker()
  // the other texts, the font, and the screens of the bar, which may be opened next: they must not delay this one
  setTimeout(() => {
    void i18n.load().catch(() => {})
    void fetchOwnFont()
    for (const next of ['/fields', '/water', '/pests']) void preloadScreen(next)
  }, NEXT_SCREENS_AFTER_MS)
})
