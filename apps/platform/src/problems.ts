/**
 * The platform's error catalogue: every code the API can answer with, its HTTP status and words in both languages.
 * A code that is not here answers 500 with no detail, and the detail goes to the log under the request's number.
 */
import { PolycardError } from '@polycard/bytes';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { Problem } from './modules/api-types.ts';

interface CatalogueEntry {
  readonly status: number;
  readonly zh: string;
  readonly action?: { readonly en: string; readonly zh: string };
}

export const PROBLEMS: Readonly<Record<string, CatalogueEntry>> = {
  POLYCARD_SESSION_REQUIRED: {
    status: 401,
    zh: '请先登录',
    action: {
      en: 'Sign in; the first account was printed when the platform started.',
      zh: '请登录；首次启动时已打印初始账户。',
    },
  },
  POLYCARD_SESSION_REFUSED: {
    status: 401,
    zh: '用户名或密码不正确',
    action: { en: 'Check name and password.', zh: '请核对用户名和密码。' },
  },
  POLYCARD_SESSION_TOO_MANY_TRIES: {
    status: 429,
    zh: '登录失败次数过多',
    action: { en: 'Wait a minute and try again.', zh: '请一分钟后再试。' },
  },
  POLYCARD_SESSION_FORBIDDEN: {
    status: 403,
    zh: '您的角色无权执行此操作',
    action: { en: 'Ask somebody with the role named.', zh: '请联系具有相应角色的人员。' },
  },
  POLYCARD_API_INPUT: {
    status: 400,
    zh: '请求内容不符合要求',
    action: {
      en: 'Correct the field named; the API document is at /api/openapi.json.',
      zh: '请更正所指字段；接口文档见 /api/openapi.json。',
    },
  },
  POLYCARD_API_NOT_FOUND: { status: 404, zh: '没有这个地址', action: { en: 'Check the address.', zh: '请核对地址。' } },
  POLYCARD_TAP_UNKNOWN: {
    status: 404,
    zh: '没有这笔交易',
    action: { en: 'Check the tap number.', zh: '请核对交易编号。' },
  },
  POLYCARD_DENY_LIST_RULES: {
    status: 409,
    zh: '蓝图未定义黑名单',
    action: { en: 'Add deny-lists.yaml to the blueprint.', zh: '请在蓝图中添加 deny-lists.yaml。' },
  },
  POLYCARD_DENY_LIST_ENTRY: {
    status: 400,
    zh: '名单条目有误',
    action: { en: 'Correct the field named.', zh: '请更正所指字段。' },
  },
  POLYCARD_DENY_LIST_CONFLICT: {
    status: 409,
    zh: '该标识已用于其他名单变更',
    action: { en: 'Use a new id.', zh: '请使用新的标识。' },
  },
  POLYCARD_DENY_LIST_UNCHANGED: {
    status: 409,
    zh: '自上一版以来没有待发布的变更，或变更与申请不符',
    action: { en: 'Look at what waits, and ask again.', zh: '请查看待发布变更后重新申请。' },
  },
  POLYCARD_DENY_LIST_PUBLISHED: {
    status: 409,
    zh: '这些变更已随另一版发布',
    action: { en: 'Nothing is left to do.', zh: '无需再操作。' },
  },
  POLYCARD_CARD_UNKNOWN: {
    status: 404,
    zh: '没有这张卡',
    action: { en: 'Check the card token.', zh: '请核对卡标识。' },
  },
  POLYCARD_TERMINAL_UNKNOWN: {
    status: 404,
    zh: '没有这个终端',
    action: { en: 'Check the terminal number.', zh: '请核对终端号。' },
  },
  POLYCARD_APPLICATION_UNKNOWN: {
    status: 404,
    zh: '没有这个应用',
    action: { en: 'Use an application of the blueprint.', zh: '请使用蓝图中的应用。' },
  },
  POLYCARD_ACTIVATION_STATE: {
    status: 409,
    zh: '应用的状态不允许开通',
    action: { en: 'Look at the card’s page: an application is opened once.', zh: '请查看卡片页面：应用只开通一次。' },
  },
  POLYCARD_PRODUCT_UNKNOWN: {
    status: 400,
    zh: '蓝图中没有这个卡产品',
    action: { en: 'Use a product of cards.yaml.', zh: '请使用 cards.yaml 中的产品。' },
  },
  POLYCARD_OPERATOR_UNKNOWN: {
    status: 400,
    zh: '没有这个运营商',
    action: { en: 'Enrol the operator first.', zh: '请先登记运营商。' },
  },
  POLYCARD_PROFILE_UNKNOWN: {
    status: 400,
    zh: '蓝图中没有这个终端类型',
    action: { en: 'Use a profile of terminals.yaml.', zh: '请使用 terminals.yaml 中的类型。' },
  },
  POLYCARD_DAY_UNKNOWN: {
    status: 404,
    zh: '该日没有交易',
    action: { en: 'Choose a day with taps.', zh: '请选择有交易的日期。' },
  },
  POLYCARD_DAY_NOT_READY: {
    status: 409,
    zh: '该日仍有未清分的交易',
    action: { en: 'Wait until every tap of the day is cleared or suspended.', zh: '请等待当日交易全部清分或挂起。' },
  },
  POLYCARD_VAULT_UNKNOWN_KEY: {
    status: 409,
    zh: '密钥库中没有该密钥',
    action: { en: 'Open the zone again.', zh: '请重新建立密钥区。' },
  },
  POLYCARD_VAULT_CONFLICT: {
    status: 409,
    zh: '密钥或密钥区已存在',
    action: { en: 'Use another name.', zh: '请使用其他名称。' },
  },
  POLYCARD_SAM_UNKNOWN: {
    status: 404,
    zh: '没有这个 PSAM 卡',
    action: { en: 'See the list of PSAMs.', zh: '请查看 PSAM 卡清单。' },
  },
  POLYCARD_MODE_ORDER: {
    status: 400,
    zh: '运营模式命令有误',
    action: { en: 'Correct the station, the modes or the times.', zh: '请更正车站、模式或时间。' },
  },
  POLYCARD_SAM_STOPPED: {
    status: 409,
    zh: 'PSAM 卡已列入停用名单',
    action: { en: 'Enrol the terminal with another PSAM.', zh: '请为终端更换 PSAM 卡。' },
  },
  POLYCARD_EXCHANGE_ZONE: {
    status: 409,
    zh: '该交换密钥区已有密钥',
    action: { en: 'Open another zone.', zh: '请另建交换密钥区。' },
  },
  POLYCARD_EXCHANGE_TWICE: {
    status: 409,
    zh: '同一人不得录入两个分量',
    action: { en: 'Have another custodian enter the next component.', zh: '请由另一名保管员录入下一分量。' },
  },
  POLYCARD_EXCHANGE_UNKNOWN: {
    status: 404,
    zh: '没有这次密钥交换或交换密钥区',
    action: { en: 'See the list of exchanges.', zh: '请查看密钥交换清单。' },
  },
  POLYCARD_EXCHANGE_RECEIPT: {
    status: 400,
    zh: '这不是有效的回执',
    action: { en: 'Ask the other side for the receipt of this package.', zh: '请向对方索取该密钥包的回执。' },
  },
  POLYCARD_EXCHANGE_BOTH: {
    status: 409,
    zh: '对方已持有另一体系的密钥',
    action: { en: 'A counterpart gets keys of one half only.', zh: '交换方只能取得一套体系的密钥。' },
  },
  POLYCARD_VAULT_COMPONENT: {
    status: 400,
    zh: '密钥分量或其校验值不正确',
    action: { en: 'Enter the components again, as they are on their forms.', zh: '请按分量单重新录入。' },
  },
  POLYCARD_VAULT_WEAK_KEY: {
    status: 409,
    zh: '弱密钥',
    action: { en: 'Ask for a key from a random source.', zh: '请使用随机源生成的密钥。' },
  },
  POLYCARD_VAULT_DUPLICATE_KEY: {
    status: 409,
    zh: '该密钥已在库中',
    action: { en: 'Ask for another key.', zh: '请更换密钥。' },
  },
  POLYCARD_VAULT_IMPORT: {
    status: 409,
    zh: '收到的密钥与订购不符',
    action: { en: 'Compare usage, algorithm and check value with the sender.', zh: '请与对方核对用途、算法与校验值。' },
  },
  POLYCARD_VAULT_EXPORT: {
    status: 409,
    zh: '该密钥不可导出',
    action: {
      en: 'Hand over a key below it (factors), or one made to leave.',
      zh: '请移交其下级密钥，或创建时允许导出的密钥。',
    },
  },
  POLYCARD_VAULT_PACKAGE: {
    status: 409,
    zh: '密钥包或回执已被改动',
    action: { en: 'Ask the sender for it again.', zh: '请对方重新发送。' },
  },
  POLYCARD_VAULT_EXCHANGE: {
    status: 409,
    zh: '缺少该形式所需的密钥',
    action: { en: 'Use a zone or form that fits.', zh: '请使用相符的密钥区或形式。' },
  },
  POLYCARD_VAULT_UNSUPPORTED: {
    status: 409,
    zh: '密钥后端不支持此项',
    action: { en: 'See the back end.', zh: '请查看密钥后端能力。' },
  },
  POLYCARD_KEY_BLOCK: {
    status: 409,
    zh: '密钥块不正确',
    action: { en: 'Ask the sender for it again.', zh: '请对方重新发送。' },
  },
  POLYCARD_CRYPTO_SM2: {
    status: 409,
    zh: 'SM2 信封不正确',
    action: { en: 'Ask the sender for it again.', zh: '请对方重新发送。' },
  },
  POLYCARD_VAULT_ZONE: {
    status: 409,
    zh: '该传输密钥不可传送此类密钥',
    action: { en: 'Open a zone for keys of this kind.', zh: '请为此类密钥建立另一密钥区。' },
  },
  POLYCARD_VAULT_RIGHT: {
    status: 403,
    zh: '您无权使用该密钥体系的密钥',
    action: { en: 'Ask a custodian of the tree named.', zh: '请联系所指密钥体系的保管员。' },
  },
  POLYCARD_DUTIES_MISSING: {
    status: 409,
    zh: '蓝图未定义职责',
    action: { en: 'Add duties.yaml to the blueprint.', zh: '请在蓝图中添加 duties.yaml。' },
  },
  POLYCARD_APPROVAL_UNKNOWN: {
    status: 404,
    zh: '没有这项申请',
    action: { en: 'Check its number.', zh: '请核对申请编号。' },
  },
  POLYCARD_APPROVAL_CONFLICT: {
    status: 409,
    zh: '该编号已用于另一项申请',
    action: { en: 'Make a new number for another request.', zh: '请为新申请使用新的编号。' },
  },
  POLYCARD_APPROVAL_OWN: {
    status: 403,
    zh: '不能审批自己的申请',
    action: { en: 'Somebody else has to decide.', zh: '须由他人审批。' },
  },
  POLYCARD_APPROVAL_TWICE: {
    status: 409,
    zh: '您已作出决定',
    action: { en: 'A decision is made once.', zh: '每人只能决定一次。' },
  },
  POLYCARD_APPROVAL_DECIDED: {
    status: 409,
    zh: '该申请已结束',
    action: { en: 'Ask again if it is still needed.', zh: '如仍需要请重新申请。' },
  },
  POLYCARD_APPROVAL_ACT: {
    status: 400,
    zh: '没有这种操作，或不适用于该密钥',
    action: {
      en: 'Use an act of duties.yaml for a key of its tree.',
      zh: '请使用 duties.yaml 中适用于该密钥体系的操作。',
    },
  },
  POLYCARD_ACCOUNT_UNKNOWN: {
    status: 409,
    zh: '没有这个账户',
    action: { en: 'Check the name.', zh: '请核对账户名。' },
  },
  POLYCARD_VAULT_USAGE: {
    status: 409,
    zh: '该密钥的用途不符',
    action: { en: 'Use a key made for this.', zh: '请使用具有相应用途的密钥。' },
  },
  POLYCARD_VAULT_STATE: {
    status: 409,
    zh: '该密钥的状态不允许',
    action: { en: 'Look at its state.', zh: '请查看密钥状态。' },
  },
  POLYCARD_VAULT_KEY_DESTROYED: {
    status: 409,
    zh: '该密钥已销毁',
    action: { en: 'Use another version.', zh: '请使用其他版本。' },
  },
  POLYCARD_VAULT_NAME: {
    status: 400,
    zh: '密钥名称不正确',
    action: { en: 'LABEL or LABEL#VERSION.', zh: '应为 标签 或 标签#版本。' },
  },
  POLYCARD_BLUEPRINT_MISSING: {
    status: 400,
    zh: '蓝图中没有该项',
    action: { en: 'Check the name.', zh: '请核对名称。' },
  },
  POLYCARD_CEREMONY_TREE: {
    status: 409,
    zh: '密钥体系不符',
    action: { en: 'Hold a ceremony for the tree of these keys.', zh: '请为相应密钥体系举行仪式。' },
  },
  POLYCARD_CEREMONY_CUSTODIANS: {
    status: 409,
    zh: '保管员人数不符',
    action: { en: 'Have every custodian present.', zh: '请各保管员到场。' },
  },
  POLYCARD_CEREMONY_KEY: {
    status: 409,
    zh: '密钥已存在或不属于该体系',
    action: { en: 'Look at the keys of this tree.', zh: '请核对该体系的密钥。' },
  },
  POLYCARD_CEREMONY_TWICE: {
    status: 409,
    zh: '同一人或同一分量不得重复',
    action: { en: 'Another custodian enters another share.', zh: '须由另一名保管员录入另一份分量。' },
  },
  POLYCARD_CEREMONY_SHARE: {
    status: 409,
    zh: '分量不正确',
    action: { en: 'Enter the share as it was printed.', zh: '请按打印内容录入分量。' },
  },
  POLYCARD_CEREMONY_SHARES: {
    status: 409,
    zh: '分量不足',
    action: { en: 'Let more custodians enter their shares.', zh: '请更多保管员录入分量。' },
  },
  POLYCARD_CEREMONY_PERSON: {
    status: 400,
    zh: '职责表中没有此人',
    action: { en: 'Use a person of duties.yaml.', zh: '请使用 duties.yaml 中的人员。' },
  },
  POLYCARD_CEREMONY_ROLE: {
    status: 409,
    zh: '此人不能担任该角色',
    action: { en: 'See duties.yaml for who may.', zh: '请查看 duties.yaml。' },
  },
  POLYCARD_CEREMONY_PASSPHRASE: {
    status: 409,
    zh: '口令不正确或过短',
    action: { en: 'Enter your own passphrase.', zh: '请输入本人口令。' },
  },
  POLYCARD_CEREMONY_KEYSTORE: {
    status: 409,
    zh: '没有密钥库',
    action: { en: 'Generate or restore first.', zh: '请先生成或恢复。' },
  },
  POLYCARD_CEREMONY_COMPONENT: {
    status: 409,
    zh: '密钥分量或其校验值不正确',
    action: { en: 'Have the components entered again.', zh: '请重新录入各分量。' },
  },
  POLYCARD_CEREMONY_UNKNOWN: {
    status: 404,
    zh: '没有正在进行的该仪式',
    action: { en: 'Open one.', zh: '请开始新的仪式。' },
  },
  POLYCARD_VAULT_SHARE: {
    status: 409,
    zh: '分量不正确',
    action: { en: 'Enter the share as it was printed.', zh: '请按打印内容录入分量。' },
  },
  POLYCARD_VAULT_PASSPHRASE: {
    status: 409,
    zh: '密钥库口令不正确',
    action: { en: 'Enter the passphrase of this keystore.', zh: '请输入该密钥库的口令。' },
  },
  POLYCARD_PARAMETERS_UNKNOWN: {
    status: 404,
    zh: '没有这个参数版本',
    action: { en: 'Check the version; the list is at /api/parameters/versions.', zh: '请核对版本号。' },
  },
  POLYCARD_PARAMETERS_STATE: {
    status: 409,
    zh: '参数版本当前状态不允许此操作',
    action: { en: 'The message says what is needed first.', zh: '请先完成所需步骤。' },
  },
  POLYCARD_PARAMETERS_PLAN: {
    status: 400,
    zh: '发布计划不正确',
    action: { en: 'Correct the stage named.', zh: '请更正所指阶段。' },
  },
  POLYCARD_PARAMETERS_CANARY: {
    status: 409,
    zh: '首批终端尚未判定合格',
    action: {
      en: 'Wait for more rides of the canary, or open the stage despite it and say why.',
      zh: '请等待更多首批交易，或说明理由后强制开放。',
    },
  },
  POLYCARD_AUDIT_UNAVAILABLE: {
    status: 503,
    zh: '审计记录无法写入，操作未执行',
    action: { en: 'Nothing was done; see to the store, then try again.', zh: '操作未执行；请检查存储后重试。' },
  },
  POLYCARD_CRYPTO_AGREEMENT: {
    status: 400,
    zh: '密钥协商公钥不正确',
    action: { en: 'Send a 32-byte X25519 public key.', zh: '请发送 32 字节 X25519 公钥。' },
  },
};

/** An error of the catalogue. */
export function problem(code: string, message: string, where?: string): PolycardError {
  return new PolycardError(code, message, where === undefined ? {} : { where });
}

function answer(code: string, message: string, where?: string): Problem {
  const entry = PROBLEMS[code];
  return {
    code,
    message: { en: message, zh: entry?.zh ?? '内部错误' },
    ...(where === undefined ? {} : { where }),
    ...(entry?.action === undefined ? {} : { action: entry.action }),
  };
}

export function registerProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError | PolycardError, request, reply) => {
    if (error instanceof PolycardError && PROBLEMS[error.code] !== undefined) {
      return reply.status(PROBLEMS[error.code]!.status).send(answer(error.code, error.message, error.where));
    }
    const fastifyError = error as FastifyError;
    if (fastifyError.validation !== undefined || (fastifyError.statusCode ?? 500) < 500) {
      const first = fastifyError.validation?.[0];
      const where = first === undefined ? undefined : `${fastifyError.validationContext}${first.instancePath}`;
      return reply
        .status(fastifyError.statusCode ?? 400)
        .send(answer('POLYCARD_API_INPUT', fastifyError.message, where));
    }
    request.log.error({ err: error }, 'request failed');
    return reply.status(500).send({
      code: 'POLYCARD_INTERNAL',
      message: {
        en: `Something failed here; the log has it under request ${request.id}.`,
        zh: `内部错误，日志请求号 ${request.id}。`,
      },
    } satisfies Problem);
  });
  server.setNotFoundHandler((request, reply) =>
    reply
      .status(404)
      .send(answer('POLYCARD_API_NOT_FOUND', `there is nothing at ${request.method} ${request.url.split('?')[0]}`)),
  );
}
