/** The script of a ceremony as it is printed for the file: who does what, in which order, with room for hand signatures. */
import type { CeremonyRole, CeremonyTree } from './ceremony.ts';

export type CeremonyKind = 'generate' | 'restore' | 'destroy' | 'components';

const STEPS: Readonly<Record<CeremonyKind, readonly (readonly [who: CeremonyRole, en: string, zh: string])[]>> = {
  generate: [
    ['administrator', 'opens the ceremony, reads out who is present and the script', '宣布开始，宣读到场人员与脚本'],
    ['custodian', 'each enters a passphrase for their signature, unseen by others', '各自录入签名口令，他人回避'],
    [
      'administrator',
      'has every key of the tree generated and activated; check values are read out',
      '生成并激活该体系各密钥，宣读校验值',
    ],
    [
      'custodian',
      'each receives one share, alone at the screen, and seals it in an envelope',
      '逐一单独领取分量并封存',
    ],
    ['administrator', 'makes the backup and reads out its digest', '制作备份并宣读摘要'],
    ['witness', 'compares the check values and the digest with the transcript', '核对校验值、摘要与记录'],
    ['auditor', 'takes the transcript and verifies it on another machine', '取走记录并在另一台机器上验证'],
  ],
  restore: [
    [
      'administrator',
      'opens the ceremony and presents the backup; its digest is compared',
      '宣布开始，出示备份并核对摘要',
    ],
    ['custodian', 'each enters their share, alone at the screen', '逐一单独录入分量'],
    [
      'administrator',
      'has the keystore restored; check values are compared with the last transcript',
      '恢复密钥库，与上次记录核对校验值',
    ],
    ['auditor', 'takes the transcript and verifies it on another machine', '取走记录并在另一台机器上验证'],
  ],
  destroy: [
    ['administrator', 'opens the ceremony and names the keystore by its digest', '宣布开始，以摘要指明密钥库'],
    ['witness', 'sees the keystore destroyed', '见证密钥库销毁'],
    ['auditor', 'takes the transcript and verifies it on another machine', '取走记录并在另一台机器上验证'],
  ],
  components: [
    ['administrator', 'opens the ceremony and names the key', '宣布开始，指明密钥'],
    ['custodian', 'each enters one component and its check value, alone at the screen', '逐一单独录入分量与校验值'],
    [
      'administrator',
      'has the key made from its components; the check value is read out',
      '由分量合成密钥，宣读校验值',
    ],
    ['auditor', 'takes the transcript and verifies it on another machine', '取走记录并在另一台机器上验证'],
  ],
};

export function printedScript(
  kind: CeremonyKind,
  tree: CeremonyTree,
  id: string,
  participants: readonly { readonly who: string; readonly role: CeremonyRole }[],
): string {
  const present = participants.map(({ who, role }) => `| ${role} | ${who} | |`);
  const steps = STEPS[kind].map(([who, en, zh], index) => `| ${index + 1} | ${who} | ${en} · ${zh} | | |`);
  return [
    `# Key ceremony ${id}: ${kind}, ${tree} keys · 密钥仪式`,
    '',
    '| role 角色 | person 人员 | signature 签名 |',
    '| --- | --- | --- |',
    ...present,
    '',
    '| step 步骤 | who 执行 | what 内容 | time 时间 | initials 签字 |',
    '| --- | --- | --- | --- | --- |',
    ...steps,
    '',
    'The transcript is verified with `polycard audit verify FILE`, or with verify-audit-file.ts alone. 记录可脱离本系统独立验证。',
    '',
  ].join('\n');
}
