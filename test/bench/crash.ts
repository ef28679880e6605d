// Kills an agent a hundred times while files grow and rotate, and counts what is lost. Usage: crash [--kills 100] [--seed 1]
import { parseArgs } from 'node:util';
import { crashRounds } from '../crash/rounds.js';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } } });
const result = await crashRounds(Number(values.kills), Number(values.seed));
console.log(
  `${result.kills} x kill -9, ${result.rotations} rotations, ${result.written} lines: ${result.lost} lost, ${result.repeats} repeated, ` +
    `${result.strangers} repeats with another id, ${result.collisions} lines that share an id`,
);
if (result.lost + result.strangers + result.collisions > 0) process.exitCode = 1;
