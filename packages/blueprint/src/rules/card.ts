/** Rules of the card side: fields, files, access, personal data, life cycle, memory. */
import { drop, FILE, put, type Rule, rule, set } from './rule.ts';

const RECORD = '/files/0/records/0';
const FIELD = `${RECORD}/fields`;

export const CARD_RULES = {
  'field-overlap': rule(
    ['Fields overlap', '字段重叠'],
    ['Writing one field must not change another', '写一个字段不得改变另一个'],
    ['Move the field behind the end of the one before it', '将字段移到前一字段之后'],
    set(FILE.metro, `${FIELD}/4/offset`, 6),
  ),
  'field-beyond-record': rule(
    ['A field ends beyond its record', '字段超出记录'],
    ['No codec reads past the record', '编解码不得越界'],
    ['Shorten or move the field, or lengthen the record', '缩短或移动字段，或加长记录'],
    set(FILE.metro, `${FIELD}/18/length`, 12),
  ),
  'field-unreachable': rule(
    ['Bytes no field reaches', '没有字段覆盖的字节'],
    ['Every byte of a record has a meaning, if only "reserved"', '记录中每个字节都有含义，哪怕是保留'],
    ['Give the bytes a field of coding rfu', '为这些字节添加rfu字段'],
    drop(FILE.metro, `${FIELD}/15`),
  ),
  'field-length-coding': rule(
    ['Length and coding do not fit', '长度与编码不符'],
    ['A datetime has 7 bytes, a date 4, numbers fit a double', '日期时间为7字节，日期为4字节'],
    ['Correct the length or the coding', '修正长度或编码'],
    set(FILE.metro, `${FIELD}/15/coding`, 'datetime'),
  ),
  'field-initial': rule(
    ['An initial value that does not fit its field', '初始值与字段不符'],
    ['A fresh card holds values that decode', '新卡上的值须可解码'],
    ['Write as many bytes as the field has, and a value it knows', '按字段长度填写其已知取值'],
    set(FILE.metro, `${FIELD}/0/initial`, '0102'),
  ),
  'field-collision': rule(
    ['Two fields of one name', '两个字段同名'],
    ['Values are named by field', '取值以字段名标识'],
    ['Rename one of them', '修改其中一个名称'],
    set(FILE.metro, `${FIELD}/7/name`, 'entryTerminal'),
  ),
  'field-value': rule(
    ['A meaning for a value the field cannot hold', '字段无法取到的值'],
    ['Decoders look meanings up by the bytes of the field', '解码按字段字节查找含义'],
    ['Write the value with two hexadecimal digits for each byte', '每字节以两位十六进制书写'],
    put(FILE.metro, `${FIELD}/0/values/0001`, { en: 'wrong', zh: '错误' }),
  ),
  'class-code-unlisted': rule(
    ['A card class field that does not know the classes', '卡类字段与卡类不一致'],
    ['Gate, card and console call a class the same', '闸机、卡片与控制台对卡类称呼一致'],
    ['List every class code of cards.yaml, and no other', '列出cards.yaml中的全部卡类代码'],
    drop(FILE.metro, `${FIELD}/13/values/02`),
  ),
  'unit-missing': rule(
    ['An amount without a unit', '金额没有单位'],
    ['Fen and yuan are a hundredfold apart', '分与元相差百倍'],
    ['State the unit: fen', '写明单位：fen'],
    drop(FILE.metro, `${FIELD}/12/unit`),
  ),
  'money-without-counter': rule(
    ['Money without a counter', '金额没有计数器'],
    ['A repeated or rolled-back writing of money shows', '重复或回滚的金额写入可被发现'],
    ['Name the counter of the record: a field of unit count, or atc', '写明记录的计数器：单位为count的字段或atc'],
    drop(FILE.metro, `${RECORD}/counter`),
  ),
  'record-id-misplaced': rule(
    ['A record ID that does not go with its file', '记录标识与文件类型不符'],
    [
      'Records of variable files begin with their ID, those of cyclic files have none',
      '变长文件的记录有标识，循环文件的没有',
    ],
    ['Give the record an ID, or take it away', '补充或去掉记录标识'],
    drop(FILE.metro, `${RECORD}/recordId`),
  ),
  'file-size': rule(
    ['A file smaller than what it holds', '文件小于其内容'],
    ['A record that does not fit cannot be written', '放不下的记录无法写入'],
    ['Enlarge the file or shorten its records', '扩大文件或缩短记录'],
    set(FILE.transit, '/files/0/sizeBytes', 20),
  ),
  'record-count-missing': rule(
    ['A record file without a number of records', '记录文件没有记录数'],
    ['The card allots the records when the file is made', '建文件时即分配记录'],
    ['State recordsMax', '写明recordsMax'],
    drop(FILE.water, '/files/7/recordsMax'),
  ),
  'file-layouts': rule(
    ['Several layouts where there is one', '布局多于一个'],
    ['A cyclic or transparent file has one layout', '循环或透明文件只有一个布局'],
    ['Keep one layout, or use a variable file', '保留一个布局或改用变长文件'],
    put(FILE.transit, '/files/1/records/1', {
      name: 'trip-two',
      title: { en: 'Trip', zh: '行程' },
      lengthBytes: 8,
      managementKey: 'transit-management',
      fields: [{ name: 'all', title: { en: 'All', zh: '全部' }, offset: 0, length: 8, coding: 'hex' }],
    }),
  ),
  'record-beyond-apdu': rule(
    ['A record longer than one response', '记录超过一次响应'],
    [
      'READ RECORD answers at most 255 bytes and UPDATE RECORD takes fewer under secure messaging',
      '读记录最多返回255字节',
    ],
    ['Split the record or use a transparent file', '拆分记录或改用透明文件'],
    set(FILE.traffic, '/files/2/records/0/lengthBytes', 300),
  ),
  'personal-data-free': rule(
    ['Personal data readable without authentication', '个人数据无需认证即可读取'],
    ['Nobody reads a name, a licence or a diagnosis in passing', '任何人不得随意读取姓名、证照或诊断'],
    [
      'Ask for auth, mutual or pin in every alternative of the read condition',
      '读条件的每个选项都须有auth、mutual或pin',
    ],
    set(FILE.health, '/files/1/access/read', 'free'),
  ),
  'personal-data-unmarked': rule(
    ['Personal data that are not marked', '个人数据未标注'],
    ['The check of access conditions knows personal data by their mark', '访问条件检查依赖该标注'],
    ['Mark the field with personal: identity, health, licence or account', '以personal标注该字段'],
    drop(FILE.traffic, '/files/1/records/0/fields/2/personal'),
  ),
  'access-key-unknown': rule(
    ['A condition names a key the application lacks', '访问条件引用了应用没有的密钥'],
    ['The card can only check keys it holds', '卡片只能验证自己持有的密钥'],
    ["List the key among the application's keys with a reference", '在应用密钥中列出该密钥及编号'],
    set(FILE.water, '/files/1/access/read', 'auth(health-line)'),
  ),
  'access-key-use': rule(
    ['A condition uses a key for what it is not', '访问条件误用密钥'],
    ['One key has one purpose', '一把密钥只有一个用途'],
    [
      'Authenticate with authentication keys, protect commands with secure-messaging keys',
      '认证用认证密钥，报文保护用安全报文密钥',
    ],
    set(FILE.water, '/files/1/access/read', 'auth(water-line)'),
  ),
  'access-pin-missing': rule(
    ['A condition asks for a PIN there is not', '访问条件要求不存在的PIN'],
    ['A condition that cannot hold locks the file', '无法满足的条件会锁死文件'],
    ['Give the application a pin, or another condition', '为应用设置PIN或修改条件'],
    drop(FILE.water, '/pin'),
  ),
  'update-unprotected': rule(
    ['Data can be changed without MAC', '数据可在无MAC下修改'],
    ['What travels to the card cannot be changed on the way', '发往卡片的数据不得被篡改'],
    ['Ask for mac(KEY) or enc(KEY) in every alternative', '每个选项都须有mac或enc'],
    set(FILE.water, '/files/3/access/update', 'auth(water-update-counter)'),
  ),
  'capp-access': rule(
    ['Access of a CAPP file does not follow its keys', 'CAPP文件的访问条件与其密钥不符'],
    [
      'Records are opened under the activation key and updated under the management key (PBOC 3.0 Part 14)',
      '记录以开通密钥开通，以管理密钥更新',
    ],
    ['Write update: mac(management key), append: enc(activation key)', '更新用管理密钥，开通用开通密钥'],
    set(FILE.metro, '/files/0/access/append', 'enc(bus-activation)'),
  ),
  'file-unreadable': rule(
    ['A file nobody can read', '无人可读的文件'],
    ['What cannot be read serves nobody', '不可读的数据没有用处'],
    ['Name who reads it', '写明读取者'],
    set(FILE.water, '/files/6/access/read', 'never'),
  ),
  'state-unknown': rule(
    ['A life-cycle state that does not exist', '生命周期状态不存在'],
    ['Every change of state leads somewhere', '每次状态变化都有去处'],
    ['Use a state of the list', '使用列表中的状态'],
    set(FILE.water, '/lifeCycle/transitions/0/to', 'open'),
  ),
  'state-unreachable': rule(
    ['A life-cycle state nothing leads to', '无法到达的生命周期状态'],
    ['Every state can be reached from the first', '每个状态均可由初始状态到达'],
    ['Add the command that leads there, or remove the state', '补充到达该状态的命令或删除状态'],
    put(FILE.water, '/lifeCycle/states/4', { id: 'lost', code: '04', name: { en: 'Lost', zh: '挂失' } }),
  ),
  'state-collision': rule(
    ['Two life-cycle states of one name or code', '生命周期状态名称或代码重复'],
    ['The card answers its state as a code', '卡片以代码返回状态'],
    ['Give each state its own code', '为每个状态分配独立代码'],
    set(FILE.water, '/lifeCycle/states/1/code', '00'),
  ),
  'life-cycle-key': rule(
    ['A change of state under the wrong key', '状态变化使用了错误的密钥'],
    ['Applications are opened under the activation key and managed under others', '以开通密钥开通，以其他密钥管理'],
    ['Leave the first state under the activation key and no other state under it', '仅初始状态使用开通密钥'],
    set(FILE.water, '/lifeCycle/transitions/0/key', 'water-management'),
  ),
  'tag-collision': rule(
    ['One tag twice', '标签重复'],
    ['A data object is found by its tag', '数据对象按标签查找'],
    ['Remove one, or correct the tag', '删除或修正标签'],
    put(FILE.pboc, '/data/0/tag', '82'),
  ),
  'constant-length': rule(
    ['A constant longer than its data object', '常量长于数据对象'],
    ['What is personalised fits what is specified', '个人化数据须符合规范'],
    ['Correct the constant or the length', '修正常量或长度'],
    set(FILE.pboc, '/data/1/constant', '0102'),
  ),
  'memory-understated': rule(
    ['An application needs more memory than it says', '应用内存需求被低估'],
    ['A chip is chosen by what applications say they need', '芯片按应用声明的内存选择'],
    ['Raise memoryBytes, or shorten the files', '提高memoryBytes或缩短文件'],
    set(FILE.health, '/memoryBytes', 2000),
  ),
  'memory-beyond-chip': rule(
    ['More applications than the chip holds', '应用总量超过芯片容量'],
    ['Every product can be personalised', '每种产品都能完成个人化'],
    ['Choose a larger chip or fewer applications', '选用更大芯片或减少应用'],
    set(FILE.cards, '/chips/1/memoryBytes', 16384),
  ),
} as const satisfies Record<string, Rule>;
