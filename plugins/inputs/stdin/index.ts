import type { InputPlugin } from '../../../src/plugin/contract.js';
import { config, type StdinInputConfig } from './config.js';
import { StdinInput } from './stdin-input.js';

export const plugin: InputPlugin<StdinInputConfig> = {
  kind: 'input',
  type: 'stdin',
  summary: 'Reads lines from standard input to its end.',
  config,
  problem: (_config, company) =>
    company.filter(({ kind, type }) => kind === 'input' && type === 'stdin').length > 1
      ? 'there is only one standard input: it cannot be read by two inputs'
      : null,
  create: (parsed, context) => new StdinInput(parsed, context, process.stdin),
};
