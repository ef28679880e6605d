import { TrilogError } from '../errors.js';
import type { Output, Rejection } from '../plugin/contract.js';
import type { LogRecord } from '../record/record.js';
import { type RetryOptions, untilItWorks } from './retry.js';

/** Records in the form of an output, together or, where one of them cannot be, each alone. */
export interface Encoded {
  readonly parcels: readonly unknown[];
  /** Why a record could not be encoded, by its place among those that were given. */
  readonly unfit: ReadonlyMap<number, string>;
}

/** A record that the output cannot encode must not stop the others, nor the agent: log text is not ours to trust. */
export function encodedBy(output: Output, records: readonly LogRecord[]): Encoded {
  try {
    return { parcels: [output.encode(records)], unfit: new Map() };
  } catch {
    const parcels: unknown[] = [];
    const unfit = new Map<number, string>();
    for (const [i, record] of records.entries()) {
      try {
        parcels.push(output.encode([record]));
      } catch (error) {
        unfit.set(i, `could not be encoded: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { parcels, unfit };
  }
}

/** Writes until it works. @param name of the output. @throws the signal's reason; TrilogError `PLUGIN_BROKEN`, since trying again would write the records twice. */
export async function writtenBy(
  output: Output,
  name: string,
  parcels: readonly unknown[],
  retry: RetryOptions,
): Promise<readonly Rejection[]> {
  const written: unknown = await untilItWorks(async () => (await output.write(parcels, retry.signal)) ?? [], retry);
  if (areRejections(written)) return written;
  throw new TrilogError('PLUGIN_BROKEN', `output ${name}: write() resolved to something else than a list of { document, reason }`);
}

/** Whether a plugin, which may be plain JavaScript, gave what the contract says. */
function areRejections(value: unknown): value is readonly Rejection[] {
  return Array.isArray(value) && value.every((item) => typeof item?.document === 'string' && typeof item.reason === 'string');
}
