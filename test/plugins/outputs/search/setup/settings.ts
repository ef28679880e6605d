import type { SetupSettings } from '../../../../../plugins/outputs/search/setup/pieces.js';
import { defaultTarget } from '../../../../../plugins/outputs/search/setup/target.js';

/** What setup is asked for where nothing else is said. */
export const SETTINGS: SetupSettings = {
  engine: 'elasticsearch',
  profile: 'ecs',
  target: defaultTarget('ecs'),
  retention: 30,
  failureStore: false,
  lifecycle: true,
};
