/** Layout and texts of every screen in Japanese. */
import { lookAtScreens } from './look.ts'

lookAtScreens('ja', 'words')
