/** Rules of form: files, properties, values, collisions of names. */
import { drop, FILE, put, type Rule, rule, set } from './rule.ts';

const onHunan = (of: Rule): Rule => ({ ...of, blueprint: 'hunan' });

const FIELD = '/files/0/records/0/fields';

export const FORM_RULES = {
  'yaml-unreadable': rule(
    ['A file is no YAML', '文件不是有效的YAML'],
    ['A file that cannot be read says nothing', '无法读取的文件没有任何意义'],
    ['Correct the syntax at the line named', '修正所指行的语法'],
    { file: FILE.settlement, op: 'text', path: '', value: 'revenue: [' },
  ),
  'file-missing': rule(
    ['A file is missing', '缺少文件'],
    ['A region needs parties, keys, cards, terminals and settlement', '区域须有参与方、密钥、卡、终端与清算'],
    ['Add the file', '补充该文件'],
    drop(FILE.settlement, ''),
  ),
  'file-unknown': rule(
    ['A file of an unknown name', '未知名称的文件'],
    ['A file that nobody reads looks as if it held', '无人读取的文件会被误认为有效'],
    ['Rename it or move it out of the folder', '改名或移出该目录'],
    put('notes.yaml', '', { note: 'not read by anything' }),
  ),
  'property-missing': rule(
    ['A property is missing', '缺少属性'],
    ['Everything made from the specification finds what it needs', '由规范生成的一切都能得到所需内容'],
    ['Add the property', '补充该属性'],
    drop(FILE.metro, '/files/0/access'),
  ),
  'property-unknown': rule(
    ['An unknown property', '未知属性'],
    ['A misspelt property would be ignored silently', '拼错的属性会被无声忽略'],
    ['Correct its name or remove it', '修正名称或删除'],
    put(FILE.cards, '/profile/colour', 'red'),
  ),
  'value-form': rule(
    ['A value of the wrong form', '取值格式错误'],
    ['Codes, numbers and names have one form everywhere', '代码、数字与名称处处同一格式'],
    ['Write the value in the form expected', '按要求的格式填写'],
    set(FILE.parties, '/parties/3/code', 201),
  ),
  'title-missing': rule(
    ['A name lacks Chinese or English', '名称缺少中文或英文'],
    ['People read screens and documents in both languages', '屏幕与文档以两种语言呈现'],
    ['Give the name in both languages, en and zh', '补充 en 与 zh 两种语言的名称'],
    drop(FILE.metro, `${FIELD}/0/title/zh`),
  ),
  'sfi-range': rule(
    ['An SFI out of range', '短文件标识超出范围'],
    ['Extended files are SFI 15 to 1E, payment files 01 to 14', '扩展文件为15至1E，支付文件为01至14'],
    ['Choose a free SFI of the range', '在范围内选择空闲的SFI'],
    set(FILE.metro, '/files/0/sfi', '1F'),
  ),
  'aid-form': rule(
    ['An AID that is no AID', '应用标识格式错误'],
    ['A card selects applications by 5 to 16 bytes (ISO/IEC 7816-4)', '卡片以5至16字节选择应用'],
    ['Write 10 to 32 hexadecimal digits', '填写10至32位十六进制数字'],
    set(FILE.water, '/aid', 'F04744'),
  ),
  'coding-unknown': rule(
    ['A coding nobody can read', '未知的编码方式'],
    ['Codecs are made from the codings of fields', '编解码器由字段编码生成'],
    ['Use one of the codings of the schema', '使用规定的编码方式'],
    set(FILE.metro, `${FIELD}/4/coding`, 'timestamp'),
  ),
  'amount-negative': rule(
    ['A negative amount', '金额为负'],
    ['No ride and no card pays money out', '任何乘车或卡片都不会倒付'],
    ['Write an amount of 0 fen or more', '金额须为0分或以上'],
    set(FILE.metroTariff, '/baseFare/startFen', -200),
  ),
  'overlay-removes-nothing': onHunan(
    rule(
      ['An overlay removes what there is not', '覆盖层删除不存在的内容'],
      ['A removal that removes nothing is a misspelt name', '未删除任何内容的删除多为拼写错误'],
      ['Correct the name, or leave the removal out', '修正名称或取消删除'],
      put(FILE.keys, '/trees/-', { label: 'tram-management', remove: true }),
    ),
  ),
  'overlay-item-unnamed': onHunan(
    rule(
      ['An item of an overlay without a name of its own', '覆盖层的条目没有唯一名称'],
      ['Lists merge by the names of their items', '列表按条目名称合并'],
      ['Give the item the name it merges by', '为条目写明合并用的名称'],
      put(FILE.keys, '/trees/-', { algorithm: 'SM4' }),
    ),
  ),
  'overlay-parent': onHunan(
    rule(
      ['It extends a blueprint that is not there', '被扩展的蓝图不存在'],
      ['An overlay needs what it lies over', '覆盖层须有其基础'],
      ['Name the folder of a blueprint, from this one', '写明被扩展蓝图的目录'],
      set(FILE.manifest, '/extends', '../nowhere'),
    ),
  ),
  'aid-collision': rule(
    ['Two applications with one AID', '两个应用的AID相同'],
    ['SELECT reaches one application', 'SELECT只能选到一个应用'],
    ['Give each application an AID of its own', '为每个应用分配独立的AID'],
    set(FILE.electricity, '/aid', 'F0474449431001'),
  ),
  'aid-prefix': rule(
    ['An AID that begins with another', '一个AID是另一个的前缀'],
    ['SELECT by the shorter name may reach either (ISO/IEC 7816-4 §11.1.1)', '以较短名称选择时可能选错'],
    ['Give both the same length, or another beginning', '使用相同长度或不同前缀'],
    set(FILE.electricity, '/aid', 'F047444943100101'),
  ),
  'capp-aid': rule(
    ['A CAPP application outside the financial application', 'CAPP应用不在金融应用内'],
    [
      'Its records are written together with a payment, so they lie in the payment application',
      'CAPP记录与支付一起提交，须在支付应用内',
    ],
    ["Use the financial application's AID", '使用金融应用的AID'],
    set(FILE.bus, '/aid', 'A000000333010102'),
  ),
  'aid-profile': rule(
    ['Profile and financial application differ in AID', '卡片配置与金融应用的AID不一致'],
    ['The PPSE must name the application that is there', 'PPSE须指向实际存在的应用'],
    ['Use one AID in cards.yaml and the application', '两处使用同一AID'],
    set(FILE.cards, '/profile/aid', 'A000000333010102'),
  ),
  'sfi-collision': rule(
    ['Two files with one SFI', '两个文件的SFI相同'],
    ['Industries of one AID share its SFIs', '同一AID下各行业共用SFI'],
    ['Give the file a free SFI', '为文件分配空闲SFI'],
    set(FILE.bus, '/files/0/sfi', '15'),
  ),
  'fid-collision': rule(
    ['Two files with one file identifier', '两个文件的FID相同'],
    ['SELECT by identifier reaches one file', '按标识选择只能选到一个文件'],
    ['Give the file an identifier of its own', '为文件分配独立的FID'],
    set(FILE.water, '/files/1/fid', 'EF01'),
  ),
  'record-id-collision': rule(
    ['One record ID in two industries', '两个行业使用同一记录标识'],
    [
      'A terminal names a record by its ID; a reader of another city must not take one for the other',
      '终端以标识指明记录，不得混淆',
    ],
    ['Give the record a free ID', '为记录分配空闲标识'],
    set(FILE.bus, '/files/0/records/0/recordId', '0002'),
  ),
  'record-name-collision': rule(
    ['Two records of one name', '两条记录同名'],
    ['Codecs are looked up by the name of the record', '编解码器按记录名称查找'],
    ['Rename one of them', '修改其中一个名称'],
    set(FILE.bus, '/files/0/records/0/name', 'metro'),
  ),
  'industry-collision': rule(
    ['One industry code for two applications', '两个应用的行业代码相同'],
    ['Trips and clearing tell industries by their code', '行程与清算以代码区分行业'],
    ['Choose a code of its own', '使用独立代码'],
    set(FILE.bus, '/industry', '01'),
  ),
  'name-collision': rule(
    ['Two files say they are the same thing', '两个文件声明为同一对象'],
    ['A second would replace the first silently', '后者会无声替换前者'],
    ['Rename one of them', '修改其中一个名称'],
    set(FILE.electricity, '/application', 'water'),
  ),
  'city-collision': rule(
    ['Two cities with one code', '两个城市代码相同'],
    ['Keys and home cities are told apart by the code', '密钥与归属城市以代码区分'],
    ['Use the code of the city', '使用该城市的代码'],
    set(FILE.manifest, '/cities/1/code', '5810'),
  ),
  'party-collision': rule(
    ['Two parties with one id or code', '两个参与方标识或代码相同'],
    ['Money is booked by party', '账务按参与方记账'],
    ['Give each party its own', '为每个参与方分配独立代码'],
    set(FILE.parties, '/parties/4/code', '0201'),
  ),
  'bin-collision': rule(
    ['Two banks with one BIN', '两家银行BIN相同'],
    ['A card number leads to one issuer', '卡号只能对应一个发卡行'],
    ["Use the bank's own BIN", '使用该行自己的BIN'],
    set(FILE.parties, '/parties/2/issuer/bin', '621444'),
  ),
  'alias-collision': rule(
    ['One alias for two parties', '同一别名对应两个参与方'],
    ['Records from the field are matched by alias', '现场记录按别名匹配'],
    ['Keep the alias with one of them', '只保留其一'],
    set(FILE.parties, '/parties/7/aliases/0', '巴士集团'),
  ),
} as const satisfies Record<string, Rule>;
