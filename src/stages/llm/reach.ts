import { ALL_ABILITIES } from './abilities.js';
import type { LlmConfig } from './config.js';
import { Endpoint } from './endpoint.js';
import { faultOf, toldOf } from './fault.js';

/** Servers that do not list their models; they may have ours all the same. */
const NO_LIST = new Set(['http_404', 'http_405', 'http_501']);
/** Names that are told of those that there are. */
const MOST_NAMES = 10;

/** Asks the endpoint, without a word of any log, whether it is there, takes our key and has the model. @returns what is wrong, or null. */
export async function reach(config: LlmConfig, signal: AbortSignal): Promise<string | null> {
  const endpoint = new Endpoint(config);
  try {
    const names = await endpoint.models(signal);
    if (names === null || names.includes(config.model)) return null;
    return `${config.base_url} has no model "${config.model}"; it has ${names.slice(0, MOST_NAMES).join(', ') || 'none'}`;
  } catch (error) {
    const { reason } = faultOf(error, ALL_ABILITIES, Date.now());
    if (NO_LIST.has(reason)) return null;
    return `${config.base_url} (${reason}): ${toldOf(error, config)}`;
  } finally {
    await endpoint.close();
  }
}
