import { type ErrorCode, TrilogError } from './errors.js';

/** Exit statuses as sysexits.h has them, so that systemd and scripts can tell what to do. */
const EXIT_STATUS: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 78,
  CONFIG_UNREADABLE: 78,
  RULES_INVALID: 78,
  TAXONOMY_INVALID: 78,
  MODEL_INVALID: 78,
  LABELS_INVALID: 65,
  RUNTIME_MISSING: 69,
  MEMORY_INVALID: 65,
  PLUGIN_NOT_FOUND: 78,
  PLUGIN_INVALID: 78,
  PLUGIN_BROKEN: 70,
  INPUT_FAILED: 69,
  OUTPUT_FAILED: 69,
  INPUT_UNREADABLE: 66,
  INPUT_DAMAGED: 65,
  OUTPUT_UNWRITABLE: 74,
  DATA_DIR_IN_USE: 75,
  DATA_DIR_UNUSABLE: 73,
  CHECKPOINT_UNREADABLE: 65,
  USAGE: 64,
};

/** Says on stderr what ended the program and what to do next. Returns the exit status. */
export function reportFatal(error: unknown): number {
  if (!(error instanceof TrilogError)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 70;
  }
  process.stderr.write(`${error.message}\n${error.code}: ${error.advice}\n`);
  return EXIT_STATUS[error.code] ?? 1;
}
