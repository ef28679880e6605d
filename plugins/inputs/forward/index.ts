import type { InputPlugin } from '../../../src/plugin/contract.js';
import { config, type ForwardInputConfig } from './config.js';
import { ForwardInput } from './forward-input.js';

export const plugin: InputPlugin<ForwardInputConfig> = {
  kind: 'input',
  type: 'forward',
  summary: 'Takes what Fluent Bit, Fluentd or another trilog forwards; acknowledges it when it is stored.',
  config,
  create: (parsed, context) => new ForwardInput(parsed, context),
};
