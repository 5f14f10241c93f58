/** The report as one HTML page that needs nothing else, in both languages. */
import type { CaseResult, Evidence, Verdict } from '../case.ts';
import type { Report } from './summary.ts';

const VERDICTS: Readonly<Record<Verdict, { readonly en: string; readonly zh: string; readonly colour: string }>> = {
  pass: { en: 'pass', zh: '通过', colour: '#237804' },
  fail: { en: 'fail', zh: '不通过', colour: '#cf1322' },
  'not-applicable': { en: 'not applicable', zh: '不适用', colour: '#8c8c8c' },
  inconclusive: { en: 'inconclusive', zh: '无法判定', colour: '#d46b08' },
};
const CLASSES = { function: '功能', performance: '性能', security: '安全', robustness: '健壮性' } as const;
const KINDS = { host: '主机', terminal: '终端', card: '卡片' } as const;

const STYLE = `body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1f1f1f}
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{border:1px solid #d9d9d9;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#fafafa}code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}details{margin:.3rem 0}
.bad td{background:#fff1f0}small{color:#595959}.v{font-weight:600;white-space:nowrap}`;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);

export function htmlReport(report: Report): string {
  const { summary, kind, target, broken, startedAt, cases } = report;
  const head = `Conformance of a ${kind} · ${KINDS[kind]}符合性测试报告`;
  const counts = [
    [VERDICTS.pass, summary.pass],
    [VERDICTS.fail, summary.fail],
    [VERDICTS['not-applicable'], summary.notApplicable],
    [VERDICTS.inconclusive, summary.inconclusive],
  ] as const;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(head)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(head)}</h1>
<p>${escaped(target)}${broken === undefined ? '' : ` · broken variant <code>${escaped(broken)}</code>`} · ${escaped(startedAt)}</p>
<p>${counts.map(([words, count]) => `<span class="v" style="color:${words.colour}">${words.en} · ${words.zh}: ${count}</span>`).join(' &nbsp; ')}</p>
<table><thead><tr><th>Case · 用例</th><th>Class · 类别</th><th>Verdict · 结论</th><th>Evidence · 证据</th></tr></thead><tbody>
${cases.map(row).join('\n')}
</tbody></table></body></html>
`;
}

function row(result: CaseResult): string {
  const { en, zh, colour } = VERDICTS[result.verdict];
  const reason = result.reason === undefined ? '' : `<br><small>${escaped(result.reason)}</small>`;
  return `<tr><td><b>${escaped(result.title)}</b><br>${escaped(result.titleZh)}<br><code>${escaped(result.id)}</code><br><small>${escaped(result.clause)}</small></td>
<td>${result.class} · ${CLASSES[result.class]}</td><td><span class="v" style="color:${colour}">${en} · ${zh}</span>${reason}</td>
<td><details><summary>${result.evidence.length}</summary>${evidenceTable(result.evidence)}</details></td></tr>`;
}

function evidenceTable(evidence: readonly Evidence[]): string {
  const cell = (text: string | undefined): string =>
    `<td>${text === undefined ? '' : `<code>${escaped(text)}</code>`}</td>`;
  const rows = evidence.map(
    ({ step, what, sent, received, expected, found, holds }) =>
      `<tr${holds ? '' : ' class="bad"'}><td>${step}</td><td>${escaped(what)}</td>${[sent, received, expected, found].map(cell).join('')}</tr>`,
  );
  return `<table><tr><th>#</th><th>What · 内容</th><th>Sent · 发送</th><th>Received · 接收</th><th>Expected · 期望</th><th>Found · 实际</th></tr>${rows.join('')}</table>`;
}
