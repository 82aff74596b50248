/** How every screen looks and reads in Japanese. */
import { lookAtScreens } from './look.ts'

lookAtScreens('ja', 'words')
