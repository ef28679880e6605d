/** The style sheet of the page, and its icon. Text and ground differ in lightness enough for WCAG's level AA, in the light and in the dark. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #ffffff; --card: #f3f5f7; --line: #b6bec6; --text: #1a1f24; --quiet: #4d5761; --link: #0b57a4;
  --good: #1b6b33; --bad: #a8201a; --warn: #8a4b00;
  --c0: #3366aa; --c1: #cc6b1f; --c2: #2f8a5b; --c3: #9a4fa3; --c4: #b3393f; --c5: #7a6a1f; --c6: #2a8a99; --c7: #8a939c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181c; --card: #1e242a; --line: #4a545e; --text: #e6eaee; --quiet: #aab4be; --link: #8cc2ff;
    --good: #7fd49a; --bad: #ff9a94; --warn: #ffc27a;
    --c0: #7fb0ee; --c1: #f0a060; --c2: #74c99a; --c3: #d196da; --c4: #f08a8f; --c5: #d0bd66; --c6: #6fcbd9; --c7: #8a939c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 1rem 2rem; max-width: 72rem; font: 1rem/1.45 system-ui, sans-serif; color: var(--text); background: var(--ground); }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; justify-content: space-between; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem; } h3 { font-size: 1rem; margin: 0 0 .4rem; }
small, dt, figcaption, caption, .number small { color: var(--quiet); font-weight: normal; }
a { color: var(--link); }
a:focus-visible, button:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
button { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .7rem; min-height: 2rem; }
.running, .ok { color: var(--good); } .failing { color: var(--bad); } .starting, .stopping, .warn { color: var(--warn); font-weight: bold; }
.flow, .flow ul { list-style: none; margin: 0; padding: 0; }
.flow { display: grid; gap: 1.6rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); }
.flow > li { position: relative; }
.flow > li + li::before { content: "\\2192"; content: "\\2192" / ""; position: absolute; left: -1.35rem; top: 2rem; color: var(--quiet); }
.flow ul > li { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; margin-bottom: .6rem; overflow-wrap: anywhere; }
.flow p { margin: .2rem 0; }
dl { margin: .3rem 0 0; } dl div { display: flex; justify-content: space-between; gap: 1rem; } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.rate { font-weight: bold; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding-bottom: .2rem; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-top: 1px solid var(--line); vertical-align: top; font-weight: normal; }
thead th { color: var(--quiet); border-top: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.template { min-width: 12rem; overflow-wrap: anywhere; } .template code { display: block; white-space: pre-wrap; }
code { font: .9em/1.4 ui-monospace, monospace; }
figure { margin: 0; } figcaption { display: flex; justify-content: space-between; }
svg { display: block; width: 100%; height: 9rem; } svg.share { height: 1.4rem; } svg.swatch { display: inline-block; width: .8em; height: .8em; }
svg line { stroke: var(--line); }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); } .c4 { fill: var(--c4); } .c5 { fill: var(--c5); } .c6 { fill: var(--c6); } .c7 { fill: var(--c7); }
@media (max-width: 48rem) { .flow > li + li::before { content: "\\2193"; content: "\\2193" / ""; left: 0; top: -1.5rem; } }
@media (forced-colors: active) { rect { forced-color-adjust: none; } }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#3366aa"/><path d="M3 4h10M3 8h7M3 12h4" stroke="#fff" stroke-width="2"/></svg>
`;
