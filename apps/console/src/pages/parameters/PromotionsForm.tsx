import { Button, Card, Input, InputNumber, Select, Space } from 'antd';
import { useLanguage } from '../../i18n/language.tsx';
import { type ClassChoice, ClassSelect, MoneyInput } from './fields.tsx';
import { type PromotionRule, type PromotionValue, replaced } from './tariff-value.ts';

interface Props {
  readonly promotions: readonly PromotionValue[];
  readonly classes: readonly ClassChoice[];
  readonly onChange: (promotions: PromotionValue[]) => void;
}

const NEW: PromotionValue = {
  ...{ id: 'promotion', name: { en: 'Promotion', zh: '促销' }, priority: 10, stacking: 'instead', when: {} },
  rule: { kind: 'percent', percentOff: 10 },
};
const KINDS = ['percent', 'deduct', 'price'] as const;
const STACKINGS = ['add', 'instead', 'last'] as const;

export function PromotionsForm({ promotions, classes, onChange }: Props) {
  const { t } = useLanguage();
  const add = (): void => {
    const number = promotions.length + 1;
    onChange([...promotions, { ...NEW, id: `promotion-${number}`, priority: number * 10 }]);
  };
  return (
    <Space orientation="vertical" style={{ width: '100%' }}>
      {promotions.map((promotion, index) => (
        <PromotionForm
          // biome-ignore lint/suspicious/noArrayIndexKey: the identifier itself is edited here
          key={index}
          promotion={promotion}
          classes={classes}
          onChange={(changed) => onChange(replaced(promotions, index, changed))}
          onRemove={() => onChange(promotions.filter((_item, position) => position !== index))}
        />
      ))}
      <Button onClick={add}>{t('parameters.addPromotion')}</Button>
    </Space>
  );
}

interface OneProps {
  readonly promotion: PromotionValue;
  readonly classes: readonly ClassChoice[];
  readonly onChange: (promotion: PromotionValue) => void;
  readonly onRemove: () => void;
}

function PromotionForm({ promotion, classes, onChange, onRemove }: OneProps) {
  const { t } = useLanguage();
  const { when, rule } = promotion;
  const setWhen = (change: Partial<PromotionValue['when']>): void => {
    const changed = Object.entries({ ...when, ...change }).filter(
      ([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0),
    );
    onChange({ ...promotion, when: Object.fromEntries(changed) });
  };
  const hours = when.hours?.[0];
  const setHours = (change: { from?: string; until?: string }): void => {
    const span = { from: hours?.from ?? '', until: hours?.until ?? '', ...change };
    setWhen({ hours: span.from === '' && span.until === '' ? [] : [span, ...(when.hours ?? []).slice(1)] });
  };
  return (
    <Card
      size="small"
      extra={
        <Button size="small" onClick={onRemove}>
          {t('parameters.remove')}
        </Button>
      }
      title={promotion.id}
    >
      <Space wrap>
        <Input
          addonBefore="id"
          value={promotion.id}
          onChange={(event) => onChange({ ...promotion, id: event.target.value })}
        />
        <Input
          addonBefore={t('parameters.nameEn')}
          value={promotion.name.en}
          onChange={(event) => onChange({ ...promotion, name: { ...promotion.name, en: event.target.value } })}
        />
        <Input
          addonBefore={t('parameters.nameZh')}
          value={promotion.name.zh}
          onChange={(event) => onChange({ ...promotion, name: { ...promotion.name, zh: event.target.value } })}
        />
        <Select
          aria-label={t('parameters.kind')}
          value={rule.kind}
          style={{ minWidth: 140 }}
          onChange={(kind) => onChange({ ...promotion, rule: ruleOf(kind) })}
          options={KINDS.map((kind) => ({ value: kind, label: t(`parameters.kind.${kind}`) }))}
        />
        <Amount rule={rule} onChange={(changed) => onChange({ ...promotion, rule: changed })} />
        <Select
          aria-label={t('parameters.stacking')}
          value={promotion.stacking}
          style={{ minWidth: 160 }}
          onChange={(stacking) => onChange({ ...promotion, stacking })}
          options={STACKINGS.map((stacking) => ({ value: stacking, label: t(`parameters.stacking.${stacking}`) }))}
        />
        <InputNumber
          aria-label={t('parameters.priority')}
          prefix={t('parameters.priority')}
          style={{ width: 130 }}
          value={promotion.priority}
          onChange={(value) => onChange({ ...promotion, priority: value ?? 0 })}
        />
        <ClassSelect
          classes={classes}
          value={when.cardClasses ?? []}
          onChange={(cardClasses) => setWhen({ cardClasses })}
        />
        <Input
          style={{ width: 170 }}
          aria-label={`${t('parameters.period')} 1`}
          placeholder={t('parameters.period')}
          value={when.from ?? ''}
          onChange={(event) => setWhen({ from: event.target.value })}
        />
        <Input
          style={{ width: 170 }}
          aria-label={`${t('parameters.period')} 2`}
          placeholder={t('parameters.period')}
          value={when.until ?? ''}
          onChange={(event) => setWhen({ until: event.target.value })}
        />
        <Budget promotion={promotion} onChange={onChange} />
        <Input
          style={{ width: 150 }}
          aria-label={`${t('parameters.hours')} 1`}
          placeholder={t('parameters.hours')}
          value={hours?.from ?? ''}
          onChange={(event) => setHours({ from: event.target.value })}
        />
        <Input
          style={{ width: 150 }}
          aria-label={`${t('parameters.hours')} 2`}
          placeholder={t('parameters.hours')}
          value={hours?.until ?? ''}
          onChange={(event) => setHours({ until: event.target.value })}
        />
      </Space>
    </Card>
  );
}

/** What the campaign may give away, and how much of it is kept for terminals that hear late of its end. */
function Budget({ promotion, onChange }: Pick<OneProps, 'promotion' | 'onChange'>) {
  const { t } = useLanguage();
  const { budgetFen, endMarginFen, ...rest } = promotion;
  const set = (budget: number | undefined, margin: number | undefined): void =>
    onChange({
      ...rest,
      ...(budget === undefined ? {} : { budgetFen: budget }),
      ...(budget === undefined || margin === undefined ? {} : { endMarginFen: margin }),
    });
  return (
    <Space wrap>
      <InputNumber
        aria-label={t('parameters.budget')}
        prefix={t('parameters.budget')}
        style={{ width: 180 }}
        min={0.01}
        precision={2}
        value={budgetFen === undefined ? null : budgetFen / 100}
        onChange={(value) => set(value === null ? undefined : Math.round(value * 100), endMarginFen)}
      />
      <InputNumber
        aria-label={t('parameters.endMargin')}
        prefix={t('parameters.endMargin')}
        style={{ width: 180 }}
        min={0}
        precision={2}
        disabled={budgetFen === undefined}
        value={endMarginFen === undefined ? null : endMarginFen / 100}
        onChange={(value) => set(budgetFen, value === null ? undefined : Math.round(value * 100))}
      />
    </Space>
  );
}

function Amount({
  rule,
  onChange,
}: {
  readonly rule: PromotionRule;
  readonly onChange: (rule: PromotionRule) => void;
}) {
  const { t } = useLanguage();
  const label = t('parameters.amount');
  switch (rule.kind) {
    case 'percent':
      return (
        <InputNumber
          aria-label={label}
          value={rule.percentOff}
          onChange={(value) => onChange({ ...rule, percentOff: value ?? 0 })}
        />
      );
    case 'deduct':
      return (
        <MoneyInput label={label} fen={rule.deductFen} onChange={(deductFen) => onChange({ ...rule, deductFen })} />
      );
    case 'price':
      return <MoneyInput label={label} fen={rule.priceFen} onChange={(priceFen) => onChange({ ...rule, priceFen })} />;
  }
}

function ruleOf(kind: PromotionRule['kind']): PromotionRule {
  switch (kind) {
    case 'percent':
      return { kind, percentOff: 10 };
    case 'deduct':
      return { kind, deductFen: 50 };
    case 'price':
      return { kind, priceFen: 100 };
  }
}
