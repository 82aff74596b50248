/** The device profiles as the API uses them. */
import type { Profile } from '../../integrations/profiles/read-profile.ts'

declare module '../http/context.ts' {
  interface ApiDeps {
    /** By name, as their files are now. */
    profiles(): ReadonlyMap<string, Profile>
  }
}
