/** Fields of an entry that become fields of the record, by the journal's names. */
export const KEPT = ['_SYSTEMD_UNIT', 'CONTAINER_NAME', 'MESSAGE_ID', 'PROJECT_NAME', 'USER_NAME', 'THREAD_NAME', 'PROCESS_NAME'] as const;
/** Where in its program's code it was written. */
export const CODE = ['CODE_FILE', 'CODE_LINE', 'CODE_FUNC'] as const;

/** All that is read of an entry, beside what journalctl always tells: cursor, time, boot. */
export const FIELDS: readonly string[] = [
  ...KEPT,
  ...CODE,
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_PID',
  '_TRANSPORT',
  '_HOSTNAME',
  '_MACHINE_ID',
  '_COMM',
  '_EXE',
  '_PID',
  '_UID',
  'UNIT',
  'OBJECT_SYSTEMD_UNIT',
  // Those of oslo.log's handler, and some of its own above.
  'LOGGER_NAME',
  'LOGGER_LEVEL',
  'EXCEPTION_INFO',
  'EXCEPTION_TEXT',
  'REQUEST_ID',
  'PROJECT_ID',
  'USER_ID',
];
