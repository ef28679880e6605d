// @ts-nocheck This runs in a browser, whose types the agent is not to see.

/** How often the page is brought up to date, in milliseconds. */
const EVERY_MS = 5000;

const place = document.getElementById('updates');
const button = document.createElement('button');
const said = document.createElement('span');
let paused = false;

said.setAttribute('role', 'status');
button.type = 'button';
button.addEventListener('click', () => {
  paused = !paused;
  show();
  if (!paused) void update();
});
place.append(button, ' ', said);
show();
setInterval(() => void update(), EVERY_MS);

function show() {
  button.textContent = paused ? 'Go on' : 'Pause';
  button.setAttribute('aria-pressed', String(paused));
}

async function update() {
  if (paused || document.hidden) return;
  try {
    const answer = await fetch('/still', { cache: 'no-store', signal: AbortSignal.timeout(EVERY_MS) });
    if (!answer.ok) throw new Error(String(answer.status));
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const section of document.querySelectorAll('main > section')) replace(section, next.getElementById(section.id));
    document.title = next.title;
    tell('');
  } catch {
    tell('The agent does not answer; this is what it said last.');
  }
}

/** What has the focus stays, so that whoever reads there is not thrown out. */
function replace(section, next) {
  if (next === null || section.contains(document.activeElement) || section.innerHTML === next.innerHTML) return;
  section.replaceWith(document.adoptNode(next));
}

/** A screen reader says it when it changes. */
function tell(text) {
  if (said.textContent !== text) said.textContent = text;
}
