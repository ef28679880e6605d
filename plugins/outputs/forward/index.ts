import type { OutputPlugin } from '../../../src/plugin/contract.js';
import { type ForwardOutputConfig, forwardOutputConfig } from './config.js';
import { ForwardOutput } from './forward-output.js';

export const plugin: OutputPlugin<ForwardOutputConfig> = {
  kind: 'output',
  type: 'forward',
  summary: 'Forwards records to Fluentd, Fluent Bit or another trilog, which acknowledge what they have taken.',
  config: forwardOutputConfig,
  create: (config, context) => new ForwardOutput(config, context),
};
