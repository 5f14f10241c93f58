/** What may be done with a version now, by whom; an act that reaches terminals says first what it does. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Input, Modal, Space } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { GetSessionAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice } from '../../show/states.tsx';
import { ProposalForm } from './ProposalForm.tsx';
import { useStageName, VERSIONS, type Version } from './version-state.tsx';

type RolloutAct = 'begin' | 'open' | 'stop' | 'rollback';
const EDITABLE = ['draft', 'checked', 'refused'];
const WHY_MIN = 3;

export function VersionActs({ version, account }: { readonly version: Version; readonly account: GetSessionAnswer }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [confirming, setConfirming] = useState<RolloutAct>();
  const [isProposing, setProposing] = useState(false);
  const may = (permission: string): boolean => account.permissions.includes(permission);
  const params = { path: { version: version.version } };
  const act = useMutation({
    mutationFn: (what: 'check' | 'rehearsal'): Promise<unknown> =>
      what === 'check'
        ? answerOf(client.POST('/api/parameters/versions/{version}/check', { params }))
        : answerOf(client.POST('/api/parameters/versions/{version}/rehearsal', { params, body: {} })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [VERSIONS] }),
  });
  const { state, stages } = version;
  const isEditable = EDITABLE.includes(state) && may('parameters.edit');
  const isRehearsed = version.rehearsal?.state === 'done';
  const hasClosedStage = stages.some(({ openedAt }) => openedAt === undefined);
  return (
    <>
      <Space wrap>
        {isEditable && (
          <Link to={`/parameters/${version.version}/edit`}>
            <Button>{t('parameters.edit')}</Button>
          </Link>
        )}
        {isEditable && (
          <Button loading={act.isPending} onClick={() => act.mutate('check')}>
            {t('parameters.check')}
          </Button>
        )}
        {state === 'checked' && may('parameters.edit') && (
          <Button
            loading={act.isPending || version.rehearsal?.state === 'running'}
            onClick={() => act.mutate('rehearsal')}
          >
            {t('parameters.rehearse')}
          </Button>
        )}
        {(state === 'checked' || state === 'refused') && may('parameters.propose') && (
          <Button type="primary" disabled={!isRehearsed} onClick={() => setProposing(true)}>
            {t('parameters.propose')}
          </Button>
        )}
        {state === 'waiting' && (
          <Link to="/approvals">
            <Button type="primary">{t('parameters.toApprovals')}</Button>
          </Link>
        )}
        {may('parameters.roll-out') && state === 'approved' && (
          <Button type="primary" onClick={() => setConfirming('begin')}>
            {t('parameters.begin')}
          </Button>
        )}
        {may('parameters.roll-out') && state === 'rolling-out' && hasClosedStage && (
          <Button type="primary" onClick={() => setConfirming('open')}>
            {t('parameters.open')}
          </Button>
        )}
        {may('parameters.roll-out') && state === 'rolling-out' && (
          <Button danger onClick={() => setConfirming('stop')}>
            {t('parameters.stop')}
          </Button>
        )}
        {may('parameters.roll-out') &&
          (state === 'rolling-out' || (state === 'in-force' && version.basedOn !== undefined)) && (
            <Button danger onClick={() => setConfirming('rollback')}>
              {t('parameters.rollback')}
            </Button>
          )}
      </Space>
      {act.isError && <ErrorNotice error={act.error} />}
      {confirming !== undefined && (
        <Confirmation version={version} act={confirming} onClose={() => setConfirming(undefined)} />
      )}
      {isProposing && <ProposalForm version={version} onClose={() => setProposing(false)} />}
    </>
  );
}

function Confirmation({
  version,
  act,
  onClose,
}: {
  readonly version: Version;
  readonly act: RolloutAct;
  readonly onClose: () => void;
}) {
  const { t } = useLanguage();
  const stageName = useStageName();
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const [despite, setDespite] = useState(false);
  const next = version.stages.find(({ openedAt }) => openedAt === undefined);
  const params = { path: { version: version.version } };
  const send = useMutation({
    mutationFn: (): Promise<unknown> => {
      switch (act) {
        case 'begin':
          return answerOf(client.POST('/api/parameters/versions/{version}/rollout', { params, body: { why } }));
        case 'open':
          return answerOf(
            client.POST('/api/parameters/versions/{version}/stages', {
              ...{ params, body: { why, stage: next?.stage ?? 1, ...(despite ? { despite } : {}) } },
            }),
          );
        case 'stop':
          return answerOf(client.POST('/api/parameters/versions/{version}/stop', { params, body: { why } }));
        case 'rollback':
          return answerOf(client.POST('/api/parameters/versions/{version}/rollback', { params, body: { why } }));
      }
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [VERSIONS] });
      onClose();
    },
  });
  const shown = act === 'begin' ? version.stages[0] : act === 'open' ? next : undefined;
  return (
    <Modal
      open
      title={`${t(`parameters.${act}`)}: ${version.version}`}
      onCancel={onClose}
      okText={t('parameters.confirm')}
      okButtonProps={{
        danger: act === 'stop' || act === 'rollback',
        disabled: why.trim().length < WHY_MIN,
        loading: send.isPending,
      }}
      onOk={() => send.mutate()}
    >
      <p>
        <strong>{t(`parameters.confirm.${act}`)}</strong>
      </p>
      {shown !== undefined && (
        <p>
          {stageName(shown.name)}: {shown.terminals} {t('nav.terminals')}
        </p>
      )}
      <Input.TextArea
        aria-label={t('parameters.why')}
        placeholder={t('parameters.why')}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
      />
      {act === 'open' && next?.stage === 1 && version.canary?.verdict !== 'good' && (
        <Checkbox style={{ marginTop: 8 }} checked={despite} onChange={(event) => setDespite(event.target.checked)}>
          {t('parameters.despite')}
        </Checkbox>
      )}
      {send.isError && <ErrorNotice error={send.error} />}
    </Modal>
  );
}
