/** Layout and texts of every screen in English. */
import { lookAtScreens } from './look.ts'

lookAtScreens('en', 'all')
