/** Whether there is room for tables and for more ways in the bar. */
import { MediaQuery } from 'svelte/reactivity'

export const wide = new MediaQuery('min-width: 720px')
