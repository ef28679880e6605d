import type { OutputPlugin } from '../../../src/plugin/contract.js';
import { type StdoutConfig, stdoutConfig } from './config.js';
import { StdoutOutput } from './stdout-output.js';

export const plugin: OutputPlugin<StdoutConfig> = {
  kind: 'output',
  type: 'stdout',
  summary: 'Writes records to standard output: readable on a terminal, NDJSON into a pipe.',
  config: stdoutConfig,
  create: (config) => new StdoutOutput(config, process.stdout),
};
