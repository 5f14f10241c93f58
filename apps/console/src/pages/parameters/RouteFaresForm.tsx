/** Fares of bus routes: flat, or by the sections between tap-on and tap-off, with what a missing tap-off costs. */
import { Button, Card, Form, Input, InputNumber, Select, Space } from 'antd';
import type { ReactNode } from 'react';
import { useLanguage } from '../../i18n/language.tsx';
import { MoneyInput } from './fields.tsx';
import { type FlatFareValue, type RouteFareValue, replaced, type SectionFareValue } from './tariff-value.ts';

interface Props {
  readonly routeFares: readonly RouteFareValue[];
  readonly onChange: (routeFares: RouteFareValue[]) => void;
}

const NAME = { en: 'Fare by route', zh: '线路票价' };
const NEW_FLAT: FlatFareValue = { kind: 'flat', id: 'flat', name: NAME, routes: [], fareFen: 200 };
const NEW_SECTION: SectionFareValue = {
  ...{ kind: 'section', id: 'sections', name: NAME, network: '', routes: [], sectionFaresFen: [200] },
  ...{ tapOff: 'route', reversedOrder: 'maximum', maxRideMinutes: 180, graceSeconds: 20 },
  missingTapOff: { settle: 'next-tap', withinMinutes: 1440, fare: 'full' },
};

export function RouteFaresForm({ routeFares, onChange }: Props) {
  const { t } = useLanguage();
  const add = (rule: RouteFareValue): void =>
    onChange([...routeFares, { ...rule, id: `${rule.id}-${routeFares.length + 1}` }]);
  return (
    <Space orientation="vertical" style={{ width: '100%' }}>
      {routeFares.map((rule, index) => (
        <RouteFareForm
          // biome-ignore lint/suspicious/noArrayIndexKey: the identifier itself is edited here
          key={index}
          rule={rule}
          onChange={(changed) => onChange(replaced(routeFares, index, changed))}
          onRemove={() => onChange(routeFares.filter((_item, position) => position !== index))}
        />
      ))}
      <Space>
        <Button onClick={() => add(NEW_FLAT)}>{t('parameters.addFlat')}</Button>
        <Button onClick={() => add(NEW_SECTION)}>{t('parameters.addSection')}</Button>
      </Space>
    </Space>
  );
}

function RouteFareForm({
  rule,
  onChange,
  onRemove,
}: {
  readonly rule: RouteFareValue;
  readonly onChange: (rule: RouteFareValue) => void;
  readonly onRemove: () => void;
}) {
  const { t, words, language } = useLanguage();
  return (
    <Card
      size="small"
      data-route-fare={rule.id}
      title={`${words(rule.name)} · ${t(`parameters.kind.${rule.kind}`)}`}
      extra={
        <Button size="small" onClick={onRemove}>
          {t('parameters.remove')}
        </Button>
      }
    >
      <Form layout="inline" style={{ rowGap: 12 }}>
        <Labelled label="id">
          <Input aria-label="id" value={rule.id} onChange={(event) => onChange({ ...rule, id: event.target.value })} />
        </Labelled>
        <Labelled label={t('col.title')}>
          <Input
            aria-label={t('col.title')}
            value={words(rule.name)}
            onChange={(event) => onChange({ ...rule, name: { ...rule.name, [language]: event.target.value } })}
          />
        </Labelled>
        <Labelled label={t('parameters.routes')}>
          <Select
            mode="tags"
            aria-label={t('parameters.routes')}
            style={{ minWidth: 120 }}
            value={rule.routes}
            onChange={(routes: string[]) => onChange({ ...rule, routes })}
          />
        </Labelled>
        {rule.kind === 'flat' ? (
          <Labelled label={t('parameters.fareFen')}>
            <MoneyInput
              label={t('parameters.fareFen')}
              fen={rule.fareFen}
              onChange={(fareFen) => onChange({ ...rule, fareFen })}
            />
          </Labelled>
        ) : (
          <SectionFields rule={rule} onChange={onChange} />
        )}
      </Form>
    </Card>
  );
}

interface SectionProps {
  readonly rule: SectionFareValue;
  readonly onChange: (rule: SectionFareValue) => void;
}

function SectionFields({ rule, onChange }: SectionProps) {
  const { t } = useLanguage();
  const { sectionFaresFen, missingTapOff } = rule;
  const choice = <K extends 'tapOff' | 'reversedOrder'>(key: K, values: readonly SectionFareValue[K][]) => (
    <Labelled label={t(`parameters.${key}`)}>
      <Select
        aria-label={t(`parameters.${key}`)}
        style={{ minWidth: 200 }}
        value={rule[key] as string}
        onChange={(value) => onChange({ ...rule, [key]: value })}
        options={values.map((value) => ({ value: value as string, label: t(`parameters.${key}.${value}` as never) }))}
      />
    </Labelled>
  );
  const setMissing = (change: Partial<SectionFareValue['missingTapOff']>): void =>
    onChange({ ...rule, missingTapOff: { ...missingTapOff, ...change } });
  return (
    <>
      <Labelled label={t('parameters.busNetwork')}>
        <Input
          aria-label={t('parameters.busNetwork')}
          value={rule.network}
          onChange={(event) => onChange({ ...rule, network: event.target.value })}
        />
      </Labelled>
      {sectionFaresFen.map((fen, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the number of sections is the index
        <Labelled key={index} label={`${index + 1} ${t('parameters.sections')}`}>
          <MoneyInput
            label={`${index + 1} ${t('parameters.sections')}`}
            fen={fen}
            onChange={(changed) => onChange({ ...rule, sectionFaresFen: replaced(sectionFaresFen, index, changed) })}
          />
        </Labelled>
      ))}
      <Space>
        <Button
          size="small"
          aria-label={t('parameters.moreSections')}
          onClick={() => onChange({ ...rule, sectionFaresFen: [...sectionFaresFen, sectionFaresFen.at(-1) ?? 0] })}
        >
          +
        </Button>
        <Button
          size="small"
          aria-label={t('parameters.fewerSections')}
          disabled={sectionFaresFen.length < 2}
          onClick={() => onChange({ ...rule, sectionFaresFen: sectionFaresFen.slice(0, -1) })}
        >
          −
        </Button>
      </Space>
      {choice('tapOff', ['route', 'validator'])}
      {choice('reversedOrder', ['maximum', 'sections'])}
      {(['maxRideMinutes', 'graceSeconds'] as const).map((key) => (
        <Labelled key={key} label={t(`parameters.${key}`)}>
          <InputNumber
            aria-label={t(`parameters.${key}`)}
            value={rule[key]}
            onChange={(value) => onChange({ ...rule, [key]: value ?? 0 })}
          />
        </Labelled>
      ))}
      <Labelled label={t('parameters.settle')}>
        <Select
          aria-label={t('parameters.settle')}
          style={{ minWidth: 200 }}
          value={missingTapOff.settle}
          onChange={(settle) => setMissing({ settle })}
          options={(['next-tap', 'unpaid-list'] as const).map((value) => ({
            value,
            label: t(`parameters.settle.${value}`),
          }))}
        />
      </Labelled>
      <Labelled label={t('parameters.missingFare')}>
        <Select
          aria-label={t('parameters.missingFare')}
          style={{ minWidth: 160 }}
          value={missingTapOff.fare}
          onChange={(fare) => setMissing({ fare })}
          options={(['full', 'discounted'] as const).map((value) => ({
            value,
            label: t(`parameters.missingFare.${value}`),
          }))}
        />
      </Labelled>
      <Labelled label={t('parameters.withinMinutes')}>
        <InputNumber
          aria-label={t('parameters.withinMinutes')}
          value={missingTapOff.withinMinutes}
          onChange={(value) => setMissing({ withinMinutes: value ?? 0 })}
        />
      </Labelled>
    </>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <Form.Item label={label} colon={false}>
      {children}
    </Form.Item>
  );
}
