import { join } from 'node:path';
import { CheckpointFile } from '../pipeline/checkpoint.js';
import type { LogRecord } from '../record/record.js';
import { type CascadeHome, COMMAND_HOME } from '../stages/build-cascade.js';
import { COMMAND_MANNER } from '../stages/llm/manner.js';
import { requestBody } from '../stages/llm/request.js';
import type { LlmStage } from '../stages/llm/stage.js';
import { parseState } from '../stages/llm/state.js';
import { questionOf } from '../stages/template/question.js';

/** A home in which nothing is ever asked, and that knows what an agent found out of the endpoint. @param dataDir of the agent; null for none. */
export function silentHome(dataDir: string | null): CascadeHome {
  const agent = dataDir === null ? null : new CheckpointFile(join(dataDir, 'llm.json'), parseState);
  return {
    ...COMMAND_HOME,
    llmState: { load: async () => await agent?.load(), save: async () => {} },
    manner: { ...COMMAND_MANNER, maxWaiting: 0 },
  };
}

/**
 * What would be sent to the language model because of a record that was classified, if its template is new and comes alone: letter for letter but for the
 * random mark.
 */
export async function llmRequest(record: LogRecord, llm: LlmStage | null): Promise<string> {
  if (llm === null) return 'nothing is sent: no language model is configured\n';
  if (record.stage !== 'none') return `nothing is sent: the record is answered by ${record.stage}\n`;
  if (!llm.wants(record.level)) return `nothing is sent: classify.llm.levels has no ${record.level}\n`;
  const { key } = questionOf(record);
  const ask = await llm.requestFor(key);
  const query = new URLSearchParams(llm.config.query).toString();
  const url = `${llm.config.base_url.replace(/\/$/, '')}/chat/completions${query === '' ? '' : `?${query}`}`;
  return `POST ${url}\n${JSON.stringify(requestBody(ask, llm.parts.asking.abilities), null, 2)}\n`;
}
