// Tests are worker threads, and what those set in their environment does not reach onnxruntime (src/stages/bert/runtime.ts).
process.env.ORT_DISABLE_TELEMETRY ||= '1';

export default {
  files: ['dist/test/**/*.test.js', '!dist/test/services/**'],
  timeout: '2m',
  concurrency: 2,
};
