/** The frame of generated documents: one plain page that prints well. */

export const escapeHtml = (text: unknown): string =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Both languages, the second quieter. */
export const both = ({ en, zh }: { readonly en: string; readonly zh: string }): string =>
  `${escapeHtml(en)} <span class="zh" lang="zh">${escapeHtml(zh)}</span>`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string => row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

const STYLE = `
:root { color-scheme: light; --line: #d8dde3; --quiet: #5b6673; --accent: #155e9c; }
body { font: 15px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; color: #1c2430; margin: 2.5rem auto; max-width: 66rem; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
.zh, .quiet { color: var(--quiet); font-weight: 400; } a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; font-size: .88rem; }
th, td { border-bottom: 1px solid var(--line); padding: .32rem .55rem; text-align: left; vertical-align: top; }
th { color: var(--quiet); font-weight: 600; } code { font: .86em ui-monospace, "DejaVu Sans Mono", monospace; }
.map { display: flex; flex-wrap: wrap; gap: 2px; margin: .5rem 0 .8rem; }
.map span { background: #e8f0f8; border-radius: 3px; padding: .15rem .35rem; font-size: .74rem; flex: 1 0 auto; min-width: 1.4rem; text-align: center; }
.map span.rfu { background: #f1f2f4; color: #8a94a0; } .map span.personal { background: #fbe9e4; }
.example { background: #f6f8fa; border-radius: 4px; padding: .5rem .7rem; overflow-wrap: anywhere; display: block; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } h2, h3 { break-after: avoid; } tr, .map { break-inside: avoid; } a { color: inherit; } }
`;

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`;
}
