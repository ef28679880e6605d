import type { InputPlugin } from '../../../src/plugin/contract.js';
import { config, type JournaldInputConfig } from './config.js';
import { JournaldInput } from './journald-input.js';

export const plugin: InputPlugin<JournaldInputConfig> = {
  kind: 'input',
  type: 'journald',
  summary: "Reads systemd's journal by journalctl, from where it was last stored.",
  config,
  create: (parsed, context) => new JournaldInput(parsed, context),
};
