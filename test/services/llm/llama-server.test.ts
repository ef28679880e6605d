import test from 'ava';
import { startLlamaServer } from './llama-server.js';

test('a real model answers on the loopback, held to a schema and with probabilities, and leaves no process', async (t) => {
  const server = await startLlamaServer({ apiKey: 'k-4711' });
  const ask = (key: string) =>
    fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: server.model,
        messages: [{ role: 'user', content: 'Is the sky blue or green? Answer in JSON.' }],
        temperature: 0,
        max_tokens: 50,
        logprobs: true,
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'x',
            strict: true,
            schema: { type: 'object', properties: { sky: { enum: ['blue', 'green'] } }, required: ['sky'], additionalProperties: false },
          },
        },
      }),
    });
  try {
    t.is((await ask('wrong')).status, 401);
    const { choices, usage } = (await (await ask('k-4711')).json()) as {
      choices: { message: { content: string }; logprobs: { content: { logprob: number }[] } }[];
      usage: { prompt_tokens: number };
    };
    t.true(['blue', 'green'].includes((JSON.parse(choices[0]?.message.content ?? '') as { sky: string }).sky));
    t.true((choices[0]?.logprobs.content.length ?? 0) > 0 && usage.prompt_tokens > 0);
  } finally {
    await server.stop();
  }
  t.throws(() => process.kill(server.pid, 0), { code: 'ESRCH' });
});
