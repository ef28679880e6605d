import test from 'ava';
import { isDecidedByValue, selectStatements } from '../../../models/known/statements.js';

const DECIDED: readonly (readonly [template: string, label: string])[] = [
  ['Exception during message handling: %s', 'service.internal_error'],
  ['Unexpected error: %s', 'service.internal_error'],
  ['%s', 'orchestration.failure'],
  ['Task failed: %(cause)s', 'orchestration.failure'],
  ['HTTP exception thrown: %s', 'api.client_error'],
  ['%(url)s returned with HTTP %(status)d', 'api.request'],
  ['%s "%s %s" status: %s len: %s', 'api.request'],
  ['Stack %(action)s %(status)s (%(name)s)', 'orchestration.progress'],
];
for (const [template, label] of DECIDED) {
  test(`"${template}" does not answer: its value decides`, (t) => t.true(isDecidedByValue({ template, label })));
}

const ANSWER: readonly (readonly [template: string, label: string])[] = [
  ['Exception during message handling', 'service.internal_error'],
  ['Failed to delete volume %s: %s', 'storage.operation_failure'],
  ['VM %(state)s (Lifecycle Event) of the instance', 'instance.lifecycle'],
];
for (const [template, label] of ANSWER) {
  test(`"${template}" answers: its words say what happened`, (t) => t.false(isDecidedByValue({ template, label })));
}

test('a statement that must not answer is kept without its label', (t) => {
  const row = {
    project: 'p',
    logger: 'a.b',
    level: 'ERROR',
    template: 'Unexpected error: %s',
    label: 'service.internal_error',
    alt: 'api.server_error',
  };
  t.deepEqual(selectStatements([row]), [{ logger: 'a.b', template: row.template, label: null, second: null }]);
});
