/** Human-readable specifications made from a blueprint: an index and one page for each application, in two languages. */
import { toHex } from '@polycard/bytes';
import type { Blueprint } from '../blueprint.ts';
import { exampleOf } from '../example.ts';
import type { RecordLayout } from '../record-codec.ts';
import type { Application } from '../schema/application.ts';
import type { DataElement, RecordField } from '../schema/field.ts';
import { both, escapeHtml, page, table } from './page.ts';

export interface BlueprintDocument {
  readonly name: string;
  readonly html: string;
}

const code = (text: unknown): string => `<code>${escapeHtml(text)}</code>`;

export function blueprintDocuments(blueprint: Blueprint): BlueprintDocument[] {
  return [
    { name: 'index.html', html: indexPage(blueprint) },
    ...blueprint.applications.map((application) => ({
      name: `${application.application}.html`,
      html: applicationPage(application, blueprint),
    })),
  ];
}

function indexPage({ manifest, applications, cards }: Blueprint): string {
  const rows = applications.map((application) => [
    `<a href="${application.application}.html">${both(application.name)}</a>`,
    code(application.aid),
    escapeHtml(application.kind),
    String(application.files.length),
    `${application.memoryBytes}`,
  ]);
  const products = cards.products.map((product) => [
    both(product.name),
    escapeHtml(product.cardClass),
    escapeHtml(product.chip),
    product.applications.map((id) => `<a href="${id}.html">${escapeHtml(id)}</a>`).join(', '),
  ]);
  return page(
    `${manifest.name.en}: card specification`,
    `<h1>${both(manifest.name)}</h1><p class="quiet">Card specification, edition ${escapeHtml(manifest.version)} · 卡片规范</p>
<h2>Applications <span class="zh">应用</span></h2>
${table(['Application 应用', 'AID', 'Kind 类别', 'Files 文件', 'Memory 内存 (bytes)'], rows)}
<h2>Products <span class="zh">产品</span></h2>
${table(['Product 产品', 'Class 卡类', 'Chip 芯片', 'Applications 应用'], products)}`,
  );
}

function applicationPage(application: Application, blueprint: Blueprint): string {
  const facts = [
    ['AID', code(application.aid)],
    ...('industry' in application ? [['Industry 行业', code(application.industry)]] : []),
    ['Provider 提供方', escapeHtml(application.provider ?? 'platform')],
    ['Memory 内存', `${application.memoryBytes} bytes`],
    ['Source 来源', escapeHtml(application.source ?? '')],
  ];
  return page(
    `${application.name.en}: ${blueprint.manifest.name.en}`,
    `<p><a href="index.html">${both(blueprint.manifest.name)}</a></p><h1>${both(application.name)}</h1>
${table(['', ''], facts)}
${application.files.map((file) => fileSection(file)).join('\n')}
${application.kind === 'financial' ? dataSection(application.data) : ''}
${classSection(application, blueprint)}${pinSection(application)}${keySection(application, blueprint)}${lifeSection(application)}`,
  );
}

function fileSection(file: Application['files'][number]): string {
  const name = 'title' in file ? both(file.title) : '';
  const access = Object.entries(file.access).map(([operation, condition]) => [
    escapeHtml(operation),
    typeof condition === 'string'
      ? code(condition)
      : `${code(condition.condition)}, first ${condition.bytes} bytes 前${condition.bytes}字节`,
  ]);
  const tlv = 'tlvRecords' in file ? (file.tlvRecords ?? []) : [];
  return `<h2>SFI ${code(file.sfi)} ${name} <span class="quiet">${escapeHtml(file.type)}</span></h2>
${table(['Operation 操作', 'Condition 条件'], access)}
${(file.records ?? []).map((record) => recordSection(record)).join('\n')}
${tlv.map((record) => `<h3>Record ${record.number}: ${both(record.title)} <span class="quiet">DGI ${code(record.dgi)}</span></h3>${elementTable(record.elements)}`).join('\n')}`;
}

function recordSection(
  record: RecordLayout & { readonly title: { readonly en: string; readonly zh: string } },
): string {
  const id = record.recordId === undefined ? '' : `, ID ${code(record.recordId)}`;
  const example = exampleOf(record);
  const rows = record.fields.map((field) => fieldRow(field, example.values[field.name]));
  const cells = [...record.fields]
    .sort((a, b) => a.offset - b.offset)
    .map((field) => {
      const kind = field.coding === 'rfu' ? 'rfu' : field.personal === undefined ? '' : 'personal';
      return `<span class="${kind}" title="${escapeHtml(`${field.title.en} ${field.title.zh}`)}">${field.offset}<br>${escapeHtml(field.name)}</span>`;
    });
  return `<h3>${both(record.title)} <span class="quiet">${record.lengthBytes} bytes${id}</span></h3>
<div class="map">${cells.join('')}</div>
${table(['Offset', 'Length', 'Field 字段', 'Coding 编码', 'Meaning 含义', 'Example 示例', 'Clause 出处'], rows)}
<p class="quiet">Example 示例</p><code class="example">${toHex(example.bytes)}</code>`;
}

function fieldRow(field: RecordField, value: unknown): string[] {
  const meanings = [
    ...(field.unit === undefined ? [] : [escapeHtml(field.unit)]),
    ...(field.personal === undefined ? [] : [`personal 个人数据: ${escapeHtml(field.personal)}`]),
    ...Object.entries(field.values ?? {}).map(([key, words]) => `${code(key)} ${both(words)}`),
    ...Object.entries(field.bits ?? {}).map(([bit, words]) => `bit ${bit} ${both(words)}`),
  ];
  const name = `${both(field.title)}<br>${code(field.name)}`;
  return [
    ...[String(field.offset), String(field.length), name, escapeHtml(field.coding), meanings.join('<br>')],
    ...[value === undefined ? '' : escapeHtml(value), escapeHtml(field.clause ?? '')],
  ];
}

function elementTable(elements: readonly DataElement[]): string {
  return table(
    ['Tag', 'Length', 'Data object 数据对象', 'Coding 编码', 'Constant 常量', 'Clause 出处'],
    elements.map((element) => [
      ...[code(element.tag), String(element.length), both(element.title), escapeHtml(element.coding)],
      ...[constantOf(element), escapeHtml(element.clause ?? '')],
    ]),
  );
}

/** By grouping: what a personaliser sends together. */
function dataSection(data: Extract<Application, { kind: 'financial' }>['data']): string {
  const groupings = Map.groupBy(data, ({ dgi }) => dgi);
  const head = [
    'Tag',
    'Data object 数据对象',
    'Coding 编码',
    'Constant 常量',
    'Template 模板',
    'Read 读',
    'Update 写',
    'Clause 出处',
  ];
  const sections = [...groupings].map(
    ([dgi, elements]) =>
      `<h3>DGI ${code(dgi)}</h3>${table(
        head,
        elements.map((element) => [
          ...[code(element.tag), `${both(element.title)}<br>${code(element.name)}`],
          ...[`${escapeHtml(element.coding)}, ${element.length}`, constantOf(element)],
          ...[element.template === undefined ? '' : code(element.template), code(element.read), code(element.update)],
          escapeHtml(element.clause ?? ''),
        ]),
      )}`,
  );
  return `<h2>Data objects <span class="zh">数据对象</span></h2>${sections.join('\n')}`;
}

function constantOf({ constant, appendWithSm4, optional }: DataElement): string {
  if (constant === undefined) return optional === true ? 'optional 可选' : '';
  return `${code(constant)}${appendWithSm4 === undefined ? '' : `<br>SM4: + ${code(appendWithSm4)}`}`;
}

function classSection({ cardClasses }: Application, { cards }: Blueprint): string {
  if (cardClasses.length === 0) return '';
  const nameOf = (id: string): string => {
    const known = cards.classes.find((each) => each.id === id);
    return known === undefined ? escapeHtml(id) : `${both(known.name)} ${code(known.code)}`;
  };
  const rows = cardClasses.map(({ id, validMonths, reviewMonths, graceDays, lapsesTo }) => [
    ...[nameOf(id), `${validMonths}`, reviewMonths === undefined ? '' : `${reviewMonths}`],
    ...[graceDays === undefined ? '' : `${graceDays}`, lapsesTo === undefined ? '' : nameOf(lapsesTo)],
  ]);
  const head = [
    'Class 卡类',
    'Valid 有效期 (months 月)',
    'Review 年审 (months 月)',
    'Grace 宽限 (days 天)',
    'Lapses to 逾期转为',
  ];
  return `<h2>Card classes <span class="zh">卡类</span></h2>${table(head, rows)}`;
}

function pinSection(application: Application): string {
  if (!('pin' in application) || application.pin === undefined) return '';
  const { reference, digitsMin, digitsMax, triesMax, unblockKey } = application.pin;
  const digits = digitsMin === digitsMax ? `${digitsMin}` : `${digitsMin} to ${digitsMax}`;
  const rows = [[code(reference), digits, `${triesMax}`, unblockKey === undefined ? '' : code(unblockKey)]];
  const head = ['Reference 引用', 'Digits 位数', 'Tries 尝试次数', 'Unblock key 解锁密钥'];
  return `<h2>PIN <span class="zh">密码</span></h2>${table(head, rows)}`;
}

function keySection(application: Application, { keys, custodians }: Blueprint): string {
  const labels =
    application.kind === 'capp'
      ? [
          ...new Set(
            application.files.flatMap((file) => [file.activationKey, ...file.records.map((r) => r.managementKey)]),
          ),
        ]
      : application.keys.map(({ label }) => label);
  const rows = labels.map((label) => {
    const tree = keys.find((candidate) => candidate.label === label);
    const custodian = custodians.find(({ id }) => id === tree?.custodian);
    const path = (tree?.dispersion ?? []).map(({ factor, value }) => value ?? factor).join(' → ');
    return [
      ...[tree === undefined ? '' : both(tree.name), code(label), escapeHtml(tree?.usage ?? '')],
      ...[escapeHtml(tree?.algorithm ?? ''), custodian === undefined ? '' : both(custodian.name), code(path)],
    ];
  });
  const head = ['Key 密钥', 'Label', 'Usage 用途', 'Algorithm 算法', 'Custodian 保管人', 'Dispersion 分散'];
  return `<h2>Keys <span class="zh">密钥</span></h2>${table(head, rows)}`;
}

function lifeSection({ lifeCycle }: Application): string {
  const states = lifeCycle.states.map(({ id, code: state, name }) => [code(state), both(name), escapeHtml(id)]);
  const steps = lifeCycle.transitions.map(({ from, to, command, key }) => [
    ...[escapeHtml(`${from} → ${to}`), code(command), key === undefined ? '' : code(key)],
  ]);
  return `<h2>Life cycle <span class="zh">生命周期</span></h2>
${table(['Code', 'State 状态', 'Name'], states)}${table(['Change 变化', 'Command 命令', 'Key 密钥'], steps)}`;
}
