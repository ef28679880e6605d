// Tests with real servers, one after the other: each server has the machine for itself.
process.env.ORT_DISABLE_TELEMETRY ||= '1';

export default {
  files: ['dist/test/services/**/*.test.js'],
  timeout: '30m',
  concurrency: 1,
  serial: true,
};
