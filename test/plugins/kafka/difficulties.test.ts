import test from 'ava';
import { Difficulties } from '../../../plugins/kafka/difficulties.js';
import type { Fault } from '../../../plugins/kafka/words.js';

const SAYINGS = { absent: 'absent', missing: 'missing', refused: 'refused', over: 'over' };

function told(acts: readonly (Fault['kind'] | 'works')[]): string[] {
  const said: string[] = [];
  const say = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void said.push([level, message, ...Object.values(fields ?? {})].join(' '));
  const difficulties = new Difficulties({ debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }, SAYINGS);
  for (const act of acts) {
    if (act === 'works') difficulties.over();
    else difficulties.tell({ kind: act, text: `(${act})` });
  }
  return said;
}

const CASES: readonly [what: string, acts: readonly (Fault['kind'] | 'works')[], said: readonly string[]][] = [
  [
    'each kind is told once',
    ['unreachable', 'unreachable', 'credentials', 'credentials'],
    ['warn absent (unreachable)', 'error refused (credentials)'],
  ],
  [
    'that no broker can be reached is not told after its cause',
    ['credentials', 'unreachable', 'hangs_up'],
    ['error refused (credentials)'],
  ],
  ['the end is told once', ['topic_missing', 'works', 'works'], ['warn missing (topic_missing)', 'info over']],
  ['without a difficulty there is nothing to tell', ['works'], []],
  [
    'what comes again is told again',
    ['unreachable', 'works', 'unreachable'],
    ['warn absent (unreachable)', 'info over', 'warn absent (unreachable)'],
  ],
];

for (const [what, acts, said] of CASES) test(`difficulties: ${what}`, (t) => t.deepEqual(told(acts), said));
