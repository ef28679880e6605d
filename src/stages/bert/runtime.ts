export type Runtime = typeof import('onnxruntime-node');

/**
 * Keeps onnxruntime from reporting to its vendor: left alone it puts an id and a database into the home folder, logs into /tmp, and looks up the
 * vendor's host. It reads the environment of the process when it is loaded. What a worker thread sets is seen by that thread only, not by native
 * code: the main thread calls this before any thread loads onnxruntime. A value that the user has set stays.
 */
export function refuseTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ||= '1';
}

/** onnxruntime, for the thread that calls. @throws where it is not installed for this machine. */
export async function loadRuntime(): Promise<Runtime> {
  refuseTelemetry();
  const runtime = await import('onnxruntime-node');
  // Of what is not a session's, such as providers that cannot be loaded: that is thrown, too.
  runtime.env.logLevel = 'fatal';
  return runtime;
}
