/** How every screen looks and reads in English. */
import { lookAtScreens } from './look.ts'

lookAtScreens('en', 'all')
