/**
 * Every error that a user can meet, by its code. The text says what it is and what to do next; the message of an instance says to what it happened.
 */
export const ERRORS = {
  CONFIG_INVALID: 'The configuration has errors; each is listed with its line. Correct them and run `trilog check` again.',
  CONFIG_UNREADABLE: 'The configuration file cannot be read. Check the path and its permissions.',
  PLUGIN_NOT_FOUND: 'No plugin has this type. `trilog list` shows those that exist; a path or a package name loads your own.',
  PLUGIN_INVALID: 'The module is there, but is not a trilog plugin: it must export `plugin` as the plugin contract says.',
  PLUGIN_BROKEN:
    'A plugin does not do what the plugin contract says; its author has to correct it. What is unsettled is read again at the next start.',
  RULES_INVALID: 'A rule file has errors; each is listed with its line.',
  TAXONOMY_INVALID: 'The taxonomy file has errors.',
  PROMPT_INVALID: 'The prompt file cannot be used; models/llm/README.md says what it holds.',
  MODEL_INVALID:
    'The model folder cannot be used: it needs model.onnx, tokenizer.json, tokenizer_config.json and model.json that fit each other.',
  LABELS_INVALID: 'The file of labelled records has errors; each is listed with its line. `trilog eval --help` says what a row holds.',
  RUNTIME_MISSING: 'onnxruntime-node cannot be loaded. Install it for this machine, or write `bert: false` under `classify`.',
  MEMORY_INVALID:
    'The template memory, or what is to be imported into it, cannot be used. Check who owns its folder, or move that away; `trilog memory export` writes what `import` reads.',
  KNOWN_STATEMENTS_INVALID: 'The file of known statements cannot be used. Install trilog again, or make the file anew for this version.',
  VOCABULARY_INVALID: 'The file of the words that may leave cannot be used. Install trilog again, or make the file anew.',
  CHECKPOINT_UNREADABLE: 'A checkpoint cannot be used. Move it away to start anew by `read_from`, or restore it.',
  DATA_DIR_IN_USE: 'Another agent uses this data_dir. Stop it, or give each agent its own.',
  DATA_DIR_UNUSABLE: 'The data_dir cannot be written. Check that it exists and that the agent may write there.',
  DEAD_LETTERS_FULL:
    'There is no room for more dead letters, so the inputs are held back; nothing is dropped. Send them again and remove them by `trilog replay --remove`, or raise dead_letters.max_bytes, or free the disk.',
  DEAD_LETTERS_UNSENDABLE:
    'Dead letters are for outputs that the configuration does not have. Send them to another one by --to, leave them out by --output, or configure those outputs again.',
  REPLAY_RUNNING: 'Another `trilog replay` works on this data_dir. Wait until it has ended.',
  INPUT_FAILED: 'An input could not start.',
  OUTPUT_FAILED: 'An output could not start.',
  CONNECT_FAILED: 'Something that the configuration names cannot be opened or reached; each is listed.',
  SETUP_FAILED:
    'The server did not take what setup wanted to install, or gives it back otherwise. What came before it is installed; correct the cause and run it again.',
  SETUP_FOREIGN: 'Something that trilog did not make has the name of what setup would install. Rename it, or replace it by --force.',
  INPUT_UNREADABLE: 'A file cannot be read. Check its path and permissions.',
  INPUT_DAMAGED: 'A file is not what its name or first line says: gzip that is cut off or none, or broken CSV. What came before was taken.',
  OUTPUT_UNWRITABLE: 'The output cannot be written. Check its path and permissions, and the space that is left.',
  JOURNAL_UNUSABLE:
    "The journal cannot be read. It needs systemd's journalctl, and a user who may read the journal: a member of the group systemd-journal or adm.",
  KAFKA_MISSING:
    'The Kafka components need node-rdkafka, compiled with what the configuration asks for. Install a C++ compiler, make, python3, libssl-dev and zlib1g-dev, then `npm install node-rdkafka`; plugins/kafka/README.md says which packages give zstd, GSSAPI and OAUTHBEARER.',
  KAFKA_UNUSABLE:
    'Kafka cannot be used as it is configured. Correct the brokers, the credentials, the topic or the property that is named.',
  TELEMETRY_FAILED: 'The address of `telemetry.listen` cannot be taken. Choose another, or stop what has it.',
  AGENT_UNREACHABLE: 'No agent answers there. Does it run, with `telemetry:` in its configuration? `--url` says where it listens.',
  AGENT_ENDED: 'The agent ended, or its connection did. What it had in hand is read again at its next start.',
  TAP_REFUSED: 'The agent does not show records to whoever asked; it says why, and what to set.',
  TAP_BUSY: 'The agent serves as many taps as it may. End one of them, and ask again.',
  STOP_TIMEOUT: 'Outputs did not settle before the stop deadline; what is unsettled is read again at the next start.',
  USAGE: 'The command line is wrong; `trilog --help` shows what there is.',
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An error for a person: `code` names the row of {@link ERRORS}, `message` says what happened and to what. */
export class TrilogError extends Error {
  override readonly name = 'TrilogError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** What to do next. */
  get advice(): string {
    return ERRORS[this.code];
  }
}
