import { resolve } from 'node:path';
import type { OutputPlugin } from '../../../src/plugin/contract.js';
import { type FileOutputConfig, fileOutputConfig } from './config.js';
import { FileOutput } from './file-output.js';

export const plugin: OutputPlugin<FileOutputConfig> = {
  kind: 'output',
  type: 'file',
  summary: 'Appends records to a file as NDJSON or CSV, on disk before they count as stored; rotates it by size or age.',
  config: fileOutputConfig,
  exclusive: true,
  create: (config, context) => new FileOutput({ ...config, path: resolve(context.configDir, config.path) }, context),
};
