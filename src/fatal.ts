import { type ErrorCode, TrilogError } from './errors.js';
import { harmless } from './record/profiles/pretty.js';

/** Exit statuses as sysexits.h has them, so that systemd and scripts can tell what to do. */
const EXIT_STATUS: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 78,
  CONFIG_UNREADABLE: 78,
  RULES_INVALID: 78,
  TAXONOMY_INVALID: 78,
  PROMPT_INVALID: 78,
  MODEL_INVALID: 78,
  VOCABULARY_INVALID: 78,
  LABELS_INVALID: 65,
  RUNTIME_MISSING: 69,
  MEMORY_INVALID: 65,
  PLUGIN_NOT_FOUND: 78,
  PLUGIN_INVALID: 78,
  PLUGIN_BROKEN: 70,
  INPUT_FAILED: 69,
  OUTPUT_FAILED: 69,
  CONNECT_FAILED: 69,
  AGENT_UNREACHABLE: 69,
  AGENT_ENDED: 69,
  TAP_REFUSED: 77,
  TAP_BUSY: 75,
  SETUP_FAILED: 69,
  SETUP_FOREIGN: 73,
  INPUT_UNREADABLE: 66,
  INPUT_DAMAGED: 65,
  OUTPUT_UNWRITABLE: 74,
  DATA_DIR_IN_USE: 75,
  DATA_DIR_UNUSABLE: 73,
  CHECKPOINT_UNREADABLE: 65,
  DEAD_LETTERS_UNSENDABLE: 78,
  REPLAY_RUNNING: 75,
  USAGE: 64,
};

/** Says on stderr what ended the program and what to do next. Returns the exit status. */
export function reportFatal(error: unknown): number {
  process.stderr.write(fatalText(error));
  return error instanceof TrilogError ? (EXIT_STATUS[error.code] ?? 1) : 70;
}

/** The lines that {@link reportFatal} writes. A message may quote a file, which must not steer the terminal. */
export function fatalText(error: unknown): string {
  const text =
    error instanceof TrilogError
      ? `${error.message}\n${error.code}: ${error.advice}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  return `${text.split('\n').map(harmless).join('\n')}\n`;
}
