/** What messages of other makes become in the stores of a farm: the documented messages of each model. */
import { checkVectors } from '../../../services/cli/profile/check-vectors.ts'
import { readProfileFolders, shippedProfiles } from '../../../services/integrations/profiles/profile-files.ts'
import type { Line } from '../line.ts'
import { allOf, type Trial } from '../score.ts'

export const deviceMessages: Line = {
  name: 'devices',
  about: 'what messages of devices of other makes become in the stores',
  parts: [
    {
      needs: ['vectors/devices'],
      async score(data) {
        const { profiles } = readProfileFolders([shippedProfiles])
        const { vectors, changedByRepeat, orders } = await checkVectors(
          data.path('vectors/devices'),
          profiles,
        )
        return [
          allOf(
            'messages decoded and stored as documented',
            vectors.map(({ line, differences }) => trial(line, differences)),
          ),
          allOf(
            'messages stored once when sent twice',
            vectors.map(({ line }) => trial(line, changedByRepeat.includes(line) ? ['stored twice'] : [])),
          ),
          allOf(
            'orders of all messages that store the same',
            orders.map(({ seed, changed }) => trial(`seed ${seed}`, changed)),
          ),
        ]
      },
    },
  ],
}

const trial = (name: string, differences: readonly string[]): Trial => ({
  name,
  model: 'profiles',
  got: differences.length === 0 ? 'as documented' : differences.join('; '),
  expected: 'as documented',
  tolerance: 0,
})
