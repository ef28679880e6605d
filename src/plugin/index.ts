/** What a plugin from outside may use: `import { LogRecord, type OutputPlugin } from 'trilog'`. */
export { type ErrorCode, TrilogError } from '../errors.js';
export type { DocumentOptions, DocumentWriter } from '../record/profiles/document-writer.js';
export { EcsEncoder } from '../record/profiles/ecs.js';
export { documentWriter, PROFILES, type ProfileName } from '../record/profiles/profile.js';
export { type Level, LogRecord } from '../record/record.js';
export type { LineBlock, Source } from '../record/source.js';
export type {
  Amendment,
  Companion,
  ComponentContext,
  ComponentLog,
  Input,
  InputPlugin,
  Output,
  OutputPlugin,
  Pace,
  Plugin,
  Rejection,
} from './contract.js';
export { TryLater } from './contract.js';
