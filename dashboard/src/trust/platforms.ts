/** The systems whose steps /trust shows, and which of them this is. */
import { describeUserAgent } from '../notifications/push.ts'

export const platforms = ['ios', 'android', 'windows', 'macos', 'linux', 'firefox'] as const
export type Platform = (typeof platforms)[number]

/** `touchPoints`: an iPad calls itself a Mac, which has none. */
export function platformOf(userAgent: string, touchPoints: number): Platform {
  const { system, browser } = describeUserAgent(userAgent)
  if (system === 'iPhone' || system === 'iPad' || (system === 'Mac' && touchPoints > 1)) return 'ios'
  // it has a list of authorities of its own
  if (browser === 'Firefox') return 'firefox'
  if (system === 'Android') return 'android'
  if (system === 'Windows') return 'windows'
  return system === 'Mac' ? 'macos' : 'linux'
}
