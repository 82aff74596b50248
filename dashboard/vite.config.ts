/**
 * Builds the dashboard to dist/dashboard: static files that services/api serves. The service worker caches the whole
 * shell with every language, so that the page opens offline; src/api/ caches the data.
 */
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { preloadManifest } from './preload-manifest.ts'
import { compressFiles } from './compress-files.ts'
import { printSizes } from './print-sizes.ts'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  resolve: { alias: [{ find: /^leaflet$/, replacement: join(import.meta.dirname, 'leaflet-parts.js') }] },
  build: {
    // one file: each more costs another round trip before the first paint
    cssCodeSplit: false,
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    // the oldest supported phones (Android 8 and iOS 16.4)
    target: ['chrome100', 'safari16.4'],
    // a module preload polyfill would be an inline script, which the content security policy refuses
    modulePreload: { polyfill: false },
    // never inline an asset as a data: URL: the policy allows files of our own origin only
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // few files, since each costs another round trip on a weak signal: one for the start, one for what several screens
        // share, and one for each screen
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'] },
            { name: 'shared', minShareCount: 2 },
            // opened one after the other, or small: together they compress better
            { name: 'keys', test: /app\/shortcuts|ui\/(Find|Shortcuts)Sheet/ },
            {
              name: 'networks',
              test: /integrations\/(AddIntegration|Assign|ChooseDevice|Integration|Profile|Unassigned)Sheet/,
            },
            { name: 'set-up', test: /(AddField|AddSeason|AddZone|ClaimDevice)Sheet/ },
          ],
        },
      },
    },
  },
  plugins: [
    // the hash of a component's styles is in each of its rules: a short one saves a fiftieth of all CSS
    svelte({ compilerOptions: { runes: true, cssHash: ({ hash, css }) => `s${hash(css)}` } }),
    VitePWA({
      // registered by src/app/service-worker.ts: a new shell is activated when it is complete and the page is hidden
      injectRegister: null,
      registerType: 'prompt',
      manifest: {
        name: 'Tilth',
        short_name: 'Tilth',
        description: 'Water and pest decisions of the farm',
        id: '/',
        start_url: '/',
        display: 'standalone',
        background_color: '#F3F6F2',
        theme_color: '#0A5C3A',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      // the phone keeps the icons of its home screen itself
      includeManifestIcons: false,
      workbox: {
        // shows what is pushed, and opens its screen
        importScripts: ['push-worker.js'],
        globPatterns: ['**/*.{js,css,html,svg,woff2}', 'i18n/*/*.json'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/(api|mqtt|healthz|readyz|metrics)/],
        // the first worker serves the page that fetched it: offline works from the first visit on
        clientsClaim: true,
        skipWaiting: false,
        cleanupOutdatedCaches: true,
      },
    }),
    printSizes({ firstPage: 60_000 }),
    preloadManifest(),
    compressFiles(),
  ],
})
