import test from 'ava';
import { MAX_TEMPLATE } from '../../../src/stages/template/mask.js';
import { MAX_MODEL_TEXT, modelText } from '../../../src/stages/template/model-text.js';
import { templateOf } from '../../../src/stages/template/template.js';

test('an exception that the message does not name is part of the template', (t) => {
  const error = { type: 'nova.exception.PortBindingFailed', message: 'Binding failed for port 1f6b0c6e-2f1f-4b7e-8a58-3e3a9d1f2c4b' };
  t.is(
    templateOf({ message: 'Instance failed to spawn', error }),
    'Instance failed to spawn: PortBindingFailed: Binding failed for port <id>',
  );
});

test('an exception that the message names is not said twice', (t) => {
  const error = { type: 'nova.exception.PortBindingFailed', message: 'Binding failed' };
  const message = 'Instance failed to spawn: nova.exception.PortBindingFailed: Binding failed';
  t.is(templateOf({ message, error }), 'Instance failed to spawn: PortBindingFailed: Binding failed');
});

test('a long message leaves room for its exception', (t) => {
  // Also one without a blank.
  for (const message of ['word '.repeat(300), 'word='.repeat(300)]) {
    const template = templateOf({ message, error: { type: 'builtins.KeyError', message: 'x '.repeat(300) } });
    t.true(template.length <= MAX_TEMPLATE, `${template.length}`);
    t.regex(template, /KeyError/);
  }
});

test('the model reads level, component and plain words', (t) => {
  t.is(
    modelText(
      'neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent',
      'ERROR',
      'failed: PortBindingFailed: no vif_type, [<id>] HTTPError iSCSI',
    ),
    'error neutron agent ovs neutron agent | failed : port binding failed : no vif type <id> http error iscsi',
  );
});

test('what is missing leaves no trace', (t) => {
  t.is(modelText('', '', 'VM Started'), 'vm started');
  t.is(modelText('', 'INFO', 'VM Started'), 'info | vm started');
  t.is(modelText('kernel', '', 'up'), 'kernel | up');
});

test('the text for the model is bounded', (t) => {
  t.true(modelText('a.'.repeat(10_000), 'ERROR', 'CamelCase'.repeat(10_000)).length <= MAX_MODEL_TEXT);
});
