import test from 'ava';
import { bulkAnswer, refusal } from '../../../../plugins/outputs/search/answer.js';

test('each document has an outcome, and the reason of the server with its cause', (t) => {
  const error = { type: 'mapper_parsing_exception', reason: 'failed to parse', caused_by: { reason: 'For input string: "x"' } };
  const items = [
    { create: { status: 201 } },
    { create: { status: 409 } },
    { create: { status: 400, error } },
    { create: { status: 201, failure_store: 'used' } },
  ];
  const answers = bulkAnswer(JSON.stringify({ errors: true, items }), 4);
  t.deepEqual(
    answers.map(({ outcome }) => outcome),
    ['stored', 'stored', 'dead', 'stored'],
  );
  t.is(answers[2]?.reason, '400 mapper_parsing_exception: failed to parse: For input string: "x"');
  t.true(answers[1]?.repeated);
  t.true(answers[3]?.inFailureStore);
});

for (const [name, body] of [
  ['cut off', '{"errors":false,"items":[{"create":{"st'],
  ['of fewer documents', '{"errors":false,"items":[{"create":{"status":201}}]}'],
  ['without items', '{"errors":false}'],
  ['no object', '"ok"'],
  ['a page', '<html>'],
  ['null', 'null'],
] as const)
  test(`of an answer that is ${name} nothing is believed`, (t) => t.throws(() => bulkAnswer(body, 2)));

test('items that are no objects have no status, and are sent again', (t) => {
  const answers = bulkAnswer('{"items":[null,7,"x",{},{"create":null},{"create":{"status":"many"}}]}', 6);
  t.true(answers.every(({ outcome }) => outcome === 'retry'));
});

test('a reason is bounded, whatever the server quotes, and says the cause all the same', (t) => {
  const error = { type: 'mapper_parsing_exception', reason: 'x'.repeat(100_000), caused_by: { reason: 'too long a term' } };
  t.regex(bulkAnswer(JSON.stringify({ items: [{ create: { status: 400, error } }] }), 1)[0]?.reason ?? '', /too long a term$/);
  t.true((bulkAnswer(JSON.stringify({ items: [{ create: { status: 400, error } }] }), 1)[0]?.reason.length ?? 0) <= 1000);
  t.true(refusal(502, 'y'.repeat(100_000)).length <= 1000);
});

test('a refusal is told by what the server says, be it JSON or a page', (t) => {
  t.is(
    refusal(401, '{"error":{"type":"security_exception","reason":"missing credentials"}}'),
    '401 security_exception: missing credentials',
  );
  t.is(refusal(401, '{"error":"no"}'), '401 no');
  t.is(refusal(413, ''), '413 Payload Too Large');
  t.is(refusal(502, '<html>\n  Bad gateway\n</html>'), '502 <html> Bad gateway </html>');
});

test('a refusal says the deepest cause too, which names what is wrong', (t) => {
  const mapper = { type: 'mapper_parsing_exception', reason: 'No handler for type [match_only_text] declared on field [template]' };
  const nested = { ...mapper, caused_by: { type: 'x', reason: 'between', caused_by: { type: 'y', reason: 'at the bottom' } } };
  t.is(refusal(400, JSON.stringify({ error: nested })), `400 mapper_parsing_exception: ${mapper.reason}: at the bottom`);
  t.is(refusal(400, JSON.stringify({ error: { ...mapper, caused_by: mapper } })), `400 mapper_parsing_exception: ${mapper.reason}`);
  t.is(refusal(400, '{"error":{"caused_by":7}}'), '400 {"error":{"caused_by":7}}');
});
