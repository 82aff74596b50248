/** The dashboard's start: language and theme first, then the page, then the worker that makes it open offline. */
import { mount } from 'svelte'
import App from './App.svelte'
import './app/home-screen.svelte.ts'
import { preferences } from './app/preferences.svelte.ts'
import { registerWorker } from './app/worker.ts'
import { languageFor } from './words/languages.ts'
import { words } from './words/words.svelte.ts'
import './styles/tokens.css'
import './styles/base.css'

document.documentElement.dataset.theme = preferences.theme
// es2020 knows no await at the top level
void words.use(languageFor(preferences.chosen.language, navigator.languages)).then(() => {
  mount(App, { target: document.getElementById('app')! })
  void registerWorker()
})
