import type { InputPlugin } from '../../../src/plugin/contract.js';
import { config, type FileInputConfig } from './config.js';
import { FileInput } from './file-input.js';

export const plugin: InputPlugin<FileInputConfig> = {
  kind: 'input',
  type: 'file',
  summary: 'Follows log files through rotation, truncation and restarts.',
  config,
  create: (parsed, context) => new FileInput(parsed, context),
};
