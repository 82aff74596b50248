/** The dashboard's start: language and theme first, then the page, then the worker that makes it open offline. */
import { mount } from 'svelte'
import App from './App.svelte'
import './app/home-screen.svelte.ts'
import { pathFor } from './app/paths.ts'
import { preferences } from './app/preferences.svelte.ts'
import { route } from './app/route.svelte.ts'
import { preloadScreen } from './app/screens.ts'
import { session } from './app/session.svelte.ts'
import { registerWorker } from './app/service-worker.ts'
import { languageFor } from './i18n/languages.ts'
import { warmFormats } from './i18n/format.ts'
import { words } from './i18n/i18n.svelte.ts'
import './styles/tokens.css'
import './styles/base.css'

document.documentElement.dataset.theme = preferences.theme
const { path } = route
// side by side, since each way there and back is long on a weak signal: the words, the screen, and who is signed in
const language = languageFor(preferences.chosen.language, navigator.languages)
const spoken = words.begin(language, pathFor(path)?.words)
void preloadScreen(path)
if (path !== '/setup' && path !== '/join') void session.open()
warmFormats(language)
// es2020 knows no await at the top level
void spoken.then(() => {
  mount(App, { target: document.getElementById('app')! })
  void registerWorker()
})
