import { closeSync, copyFileSync, openSync, renameSync, truncateSync, writeSync } from 'node:fs';

/** Writes numbered lines at a rate and rotates in between: `writer.js PATH LINES ROTATIONS LINES_PER_SECOND rename|copytruncate`. */
const [path = '', linesText, rotationsText, rateText, mode] = process.argv.slice(2);
const lines = Number(linesText);
const rate = Number(rateText);
const perRotation = Math.ceil(lines / (Number(rotationsText) + 1));
const filler = 'x'.repeat(200);

let fd = openSync(path, 'a');
let written = 0;
let rotation = 0;
const started = performance.now();
const timer = setInterval(() => {
  const due = Math.min(lines, Math.floor(((performance.now() - started) / 1_000) * rate));
  while (written < due) {
    const end = Math.min(due, (rotation + 1) * perRotation);
    let text = '';
    for (; written < end; written += 1) text += `${written} ${filler}\n`;
    writeSync(fd, text);
    if (written === (rotation + 1) * perRotation && written < lines) rotate();
  }
  if (written < lines) return;
  clearInterval(timer);
  closeSync(fd);
}, 5);

function rotate(): void {
  rotation += 1;
  if (mode === 'copytruncate') {
    copyFileSync(path, `${path}.${rotation}`);
    truncateSync(path);
    return;
  }
  renameSync(path, `${path}.${rotation}`);
  closeSync(fd);
  fd = openSync(path, 'a');
}
