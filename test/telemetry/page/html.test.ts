import test from 'ava';
import fc from 'fast-check';
import { escaped, html } from '../../../src/telemetry/page/html.js';

for (const [text, shown] of [
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['"><img src=x onerror=alert(1)>', '&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'],
  ["' onmouseover='x", '&#39; onmouseover=&#39;x'],
  ['&lt;b&gt; &amp;', '&amp;lt;b&amp;gt; &amp;amp;'],
  ['<!-- ]]> <![CDATA[', '&lt;!-- ]]&gt; &lt;![CDATA['],
  ['</textarea></title></svg>', '&lt;/textarea&gt;&lt;/title&gt;&lt;/svg&gt;'],
  ['\u0000\u001b[31m\u0085', '\\x00\\x1b[31m\\x85'],
  ['user\u202egnp.exe\u2066', 'user\\x202egnp.exe\\x2066'],
  ['half \ud83d of a pair', 'half \ufffd of a pair'],
  ['`a` {{7*7}}', '&#96;a&#96; {{7*7}}'],
  ['two\nlines', 'two ⏎ lines'],
] as const)
  test(`${JSON.stringify(text)} is shown as text`, (t) => {
    t.is(escaped(text), shown);
  });

test('whatever the text, nothing in it ends a text or an attribute, and all of it can be read', (t) => {
  const NAMES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
  const unit = fc.oneof(fc.constantFrom('&', '<', '>', '"', "'", '`', 'a', ';'), fc.string({ unit: 'binary', maxLength: 1 }));
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const shown = escaped(text);
      t.false(/[<>"'`]|&(?!(?:amp|lt|gt|quot|#39|#96);)/.test(shown));
      const read = shown.replaceAll(/&([^;]+);/g, (_, name: string) => NAMES[name] ?? '?');
      if (/^[ -~]*$/.test(text)) t.is(read, text);
    }),
  );
  t.pass();
});

test('what is put in is text, unless it is a piece of a page', (t) => {
  const bold = html`<b>${'<i>'}</b>`;
  t.is(html`<p title="${'"'}">${bold} ${[1, '<', html`<br>`]}</p>`.text, '<p title="&quot;"><b>&lt;i&gt;</b> 1&lt;<br></p>');
});

test('what only looks like a piece of a page is not one', (t) => {
  const forged = { text: '<script>' } as never;
  t.false(
    (() => {
      try {
        return html`${forged}`.text.includes('<script>');
      } catch {
        return false;
      }
    })(),
  );
});
