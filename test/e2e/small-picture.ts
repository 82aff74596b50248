/** Small files of pictures: few colours, WebP without loss. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { install, type PictureTools } from './picture-tools.ts'

declare const pictureTools: PictureTools

/** A page with the tools for pictures. */
export async function openCanvas(browser: Browser): Promise<Page> {
  const canvas = await (await browser.newContext()).newPage()
  // tsx names the functions that it compiles, with a helper that a page does not have
  await canvas.evaluate('globalThis.__name = (named) => named')
  await canvas.evaluate(install)
  return canvas
}

/** A picture with few colours, as a small WebP file. */
export async function smallPicture(canvas: Page, png: Buffer): Promise<Buffer> {
  const { width, height, rgba } = await canvas.evaluate(
    (base64) => pictureTools.reduce(base64),
    png.toString('base64'),
  )
  const data = new Uint8ClampedArray(Buffer.from(rgba, 'base64'))
  return webpOf({ data, width, height, colorSpace: 'srgb' })
}

let isEncoderReady: Promise<void> | undefined

/** WebP without loss, a third smaller than PNG. */
async function webpOf(pixels: ImageData): Promise<Buffer> {
  const { default: encode, init } = await import('@jsquash/webp/encode.js')
  const { resolve } = createRequire(import.meta.url)
  isEncoderReady ??= readFile(resolve('@jsquash/webp/codec/enc/webp_enc_simd.wasm'))
    .then((wasm) => WebAssembly.compile(wasm))
    .then(async (module) => void (await init(module)))
  await isEncoderReady
  return Buffer.from(await encode(pixels, { lossless: 1, quality: 80, method: 5 }))
}
