/** I14: the server's clock is set while water runs, by the jumps that the fast lane leaves out. */
import { longJumps, testStories } from './clock-stories.ts'

testStories(longJumps)
