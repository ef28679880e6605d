import type { ComponentLog } from '../../src/plugin/contract.js';

/** Nobody reads it. */
export const SILENT: ComponentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
