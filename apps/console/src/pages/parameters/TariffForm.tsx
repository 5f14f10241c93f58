import { Button, Card, Form, Input, InputNumber, Space, Table } from 'antd';
import type { ReactNode } from 'react';
import { useLanguage } from '../../i18n/language.tsx';
import { yuan } from '../../show/values.tsx';
import { type ClassChoice, ClassSelect, MoneyInput } from './fields.tsx';
import { PromotionsForm } from './PromotionsForm.tsx';
import { RouteFaresForm } from './RouteFaresForm.tsx';
import { type Band, type DiscountValue, replaced, type TariffValue } from './tariff-value.ts';

interface Props {
  readonly tariff: TariffValue;
  readonly classes: readonly ClassChoice[];
  readonly onChange: (tariff: TariffValue) => void;
}

export function TariffForm({ tariff, classes, onChange }: Props) {
  const { t, words } = useLanguage();
  const { transfer } = tariff;
  return (
    <Card size="small" title={words(tariff.name)} data-tariff={tariff.tariff}>
      <Form layout="inline" style={{ rowGap: 12 }}>
        <BaseFare tariff={tariff} onChange={onChange} />
        {transfer !== undefined && (
          <>
            <Field label={`${t('parameters.transfer')}: ${t('parameters.windowMinutes')}`}>
              <InputNumber
                aria-label={t('parameters.windowMinutes')}
                value={transfer.windowMinutes}
                onChange={(value) => onChange({ ...tariff, transfer: { ...transfer, windowMinutes: value ?? 0 } })}
              />
            </Field>
            <Field label={t('parameters.deductFen')}>
              <MoneyInput
                label={t('parameters.deductFen')}
                fen={transfer.deductFen}
                onChange={(deductFen) => onChange({ ...tariff, transfer: { ...transfer, deductFen } })}
              />
            </Field>
          </>
        )}
      </Form>
      {tariff['mode'] === 'bus' && (
        <>
          <h3>{t('parameters.routeFares')}</h3>
          <RouteFaresForm
            routeFares={tariff.routeFares ?? []}
            onChange={(routeFares) => {
              const { routeFares: _before, ...rest } = tariff;
              onChange((routeFares.length === 0 ? rest : { ...rest, routeFares }) as TariffValue);
            }}
          />
        </>
      )}
      <h3>{t('parameters.discounts')}</h3>
      <Discounts tariff={tariff} classes={classes} onChange={onChange} />
      <h3>{t('parameters.promotions')}</h3>
      <PromotionsForm
        promotions={tariff.promotions ?? []}
        classes={classes}
        onChange={(promotions) => {
          const { promotions: _before, ...rest } = tariff;
          onChange((promotions.length === 0 ? rest : { ...rest, promotions }) as TariffValue);
        }}
      />
    </Card>
  );
}

function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <Form.Item label={label} colon={false}>
      {children}
    </Form.Item>
  );
}

function BaseFare({ tariff, onChange }: Omit<Props, 'classes'>) {
  const { t } = useLanguage();
  const { baseFare } = tariff;
  if (baseFare.kind === 'declared')
    return (['defaultFen', 'maximumFen'] as const).map((key) => (
      <Field key={key} label={t(`parameters.${key}`)}>
        <MoneyInput
          label={t(`parameters.${key}`)}
          fen={baseFare[key]}
          onChange={(fen) => onChange({ ...tariff, baseFare: { ...baseFare, [key]: fen } })}
        />
      </Field>
    ));
  const setBand = (index: number, band: Band): void =>
    onChange({ ...tariff, baseFare: { ...baseFare, bands: replaced(baseFare.bands, index, band) } });
  return (
    <>
      {(['startFen', 'sameStationFen'] as const).map((key) => (
        <Field key={key} label={t(`parameters.${key}`)}>
          <MoneyInput
            label={t(`parameters.${key}`)}
            fen={baseFare[key]}
            onChange={(fen) => onChange({ ...tariff, baseFare: { ...baseFare, [key]: fen } })}
          />
        </Field>
      ))}
      <Field label={t('parameters.startMetres')}>
        <InputNumber
          aria-label={t('parameters.startMetres')}
          value={baseFare.startMetres}
          onChange={(value) => onChange({ ...tariff, baseFare: { ...baseFare, startMetres: value ?? 0 } })}
        />
      </Field>
      <Table
        size="small"
        style={{ width: '100%' }}
        title={() => t('parameters.bands')}
        rowKey={(_, index) => String(index)}
        pagination={false}
        dataSource={baseFare.bands.map((band, index) => ({ band, index }))}
        columns={[
          {
            title: t('parameters.uptoMetres'),
            render: (_, { band, index }) => (
              <InputNumber
                aria-label={t('parameters.uptoMetres')}
                value={band.uptoMetres ?? null}
                onChange={(value) => {
                  const { uptoMetres: _end, ...open } = band;
                  setBand(index, value === null ? open : { ...open, uptoMetres: value });
                }}
              />
            ),
          },
          {
            title: t('parameters.stepMetres'),
            render: (_, { band, index }) => (
              <InputNumber
                aria-label={t('parameters.stepMetres')}
                value={band.stepMetres}
                onChange={(value) => setBand(index, { ...band, stepMetres: value ?? 0 })}
              />
            ),
          },
          {
            title: t('parameters.stepFen'),
            render: (_, { band, index }) => (
              <MoneyInput
                label={t('parameters.stepFen')}
                fen={band.stepFen}
                onChange={(stepFen) => setBand(index, { ...band, stepFen })}
              />
            ),
          },
        ]}
      />
    </>
  );
}

function Discounts({ tariff, classes, onChange }: Props) {
  const { t, words, language } = useLanguage();
  const set = (index: number, discount: DiscountValue): void =>
    onChange({ ...tariff, discounts: replaced(tariff.discounts, index, discount) });
  return (
    <Table
      size="small"
      rowKey={({ discount }) => discount.id}
      pagination={false}
      dataSource={tariff.discounts.map((discount, index) => ({ discount, index }))}
      columns={[
        {
          title: t('col.title'),
          render: (_, { discount, index }) => (
            <Input
              aria-label={t('col.title')}
              value={words(discount.name)}
              onChange={(event) =>
                set(index, { ...discount, name: { ...discount.name, [language]: event.target.value } })
              }
            />
          ),
        },
        {
          title: t('parameters.classes'),
          render: (_, { discount, index }) => (
            <ClassSelect
              classes={classes}
              value={discount.cardClasses}
              onChange={(cardClasses) => set(index, { ...discount, cardClasses })}
            />
          ),
        },
        {
          title: t('parameters.percentOff'),
          render: (_, { discount, index }) => {
            const { rule } = discount;
            if (rule.kind === 'percent')
              return (
                <InputNumber
                  aria-label={`${t('parameters.percentOff')} ${discount.id}`}
                  suffix="%"
                  value={rule.percentOff}
                  onChange={(value) => set(index, { ...discount, rule: { ...rule, percentOff: value ?? 0 } })}
                />
              );
            return (
              <Space>
                {rule.tiers.map((tier, position) => (
                  <InputNumber
                    key={tier.uptoFen ?? 'rest'}
                    aria-label={`${t('parameters.percentOff')} ${discount.id} ${position + 1}`}
                    prefix={tier.uptoFen === undefined ? '…:' : `≤ ${yuan(tier.uptoFen)}:`}
                    suffix="%"
                    style={{ width: 140 }}
                    value={tier.percentOff}
                    onChange={(value) =>
                      set(index, {
                        ...discount,
                        rule: { ...rule, tiers: replaced(rule.tiers, position, { ...tier, percentOff: value ?? 0 }) },
                      })
                    }
                  />
                ))}
              </Space>
            );
          },
        },
        {
          title: '',
          render: (_, { index }) => (
            <Button
              size="small"
              onClick={() =>
                onChange({ ...tariff, discounts: tariff.discounts.filter((_item, position) => position !== index) })
              }
            >
              {t('parameters.remove')}
            </Button>
          ),
        },
      ]}
    />
  );
}
