/** Inputs that several forms of a draft share. */
import { InputNumber, Select } from 'antd';
import { useLanguage } from '../../i18n/language.tsx';
import type { Named } from './tariff-value.ts';

export interface ClassChoice {
  readonly id: string;
  readonly name: Named;
}

/** Yuan on the screen, fen in the value. */
export function MoneyInput({
  fen,
  label,
  onChange,
}: {
  readonly fen: number;
  readonly label: string;
  readonly onChange: (fen: number) => void;
}) {
  return (
    <InputNumber
      aria-label={label}
      value={fen / 100}
      precision={2}
      step={0.1}
      onChange={(value) => onChange(Math.round((value ?? 0) * 100))}
    />
  );
}

export function ClassSelect({
  classes,
  value,
  onChange,
}: {
  readonly classes: readonly ClassChoice[];
  readonly value: string[];
  readonly onChange: (ids: string[]) => void;
}) {
  const { t, words } = useLanguage();
  return (
    <Select
      mode="multiple"
      aria-label={t('parameters.classes')}
      style={{ minWidth: 180 }}
      value={value}
      onChange={onChange}
      options={classes.map(({ id, name }) => ({ value: id, label: words(name) }))}
    />
  );
}
