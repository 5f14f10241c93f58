/** Values as the console writes them: money with two decimals, times with seconds, bytes in groups of two. */
import { Tag, Typography } from 'antd';
import type { TapRow } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';

export function yuan(fen: number): string {
  const text = (Math.abs(fen) / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return `${fen < 0 ? '−' : ''}¥${text}`;
}

export function Money({ fen, signed = false }: { readonly fen: number; readonly signed?: boolean }) {
  return <span className="number">{signed && fen > 0 ? `+${yuan(fen)}` : yuan(fen)}</span>;
}

export const count = (value: number): string => value.toLocaleString('en');

export function Count({ value }: { readonly value: number }) {
  return <span className="number">{count(value)}</span>;
}

/** `YYYY-MM-DDThh:mm:ss` in the region's zone. */
export function LocalTime({ at, withDate = true }: { readonly at: string; readonly withDate?: boolean }) {
  return <span className="number">{withDate ? at.replace('T', ' ') : at.slice(11)}</span>;
}

/** All of China keeps one time; terminals, tariffs and business days of a region are in it, wherever the reader is. */
const REGION_ZONE = 'Asia/Shanghai';
export const REGION_ZONE_NAME = 'UTC+8';
/** Of all locales this one writes `YYYY-MM-DD hh:mm:ss`, as local times are written here. */
const LIKE_LOCAL_TIMES = 'sv-SE';

/** An instant in the region's zone, so that it can be held against the local times beside it. */
export function Instant({ at }: { readonly at: string }) {
  const local = new Date(at).toLocaleString(LIKE_LOCAL_TIMES, { timeZone: REGION_ZONE });
  return (
    <time className="number" dateTime={at} title={`${local} ${REGION_ZONE_NAME}`}>
      {local}
    </time>
  );
}

export function Hex({ value }: { readonly value: string }) {
  return <code className="hex">{value.match(/.{1,2}/g)?.join(' ') ?? ''}</code>;
}

export function Copyable({ text }: { readonly text: string }) {
  return (
    <Typography.Text copyable className="number">
      {text}
    </Typography.Text>
  );
}

const KIND_COLOURS = {
  entry: 'blue',
  exit: 'cyan',
  boarding: 'gold',
  alighting: 'orange',
  counter: 'default',
  purchase: 'purple',
} as const;
const STATE_COLOURS = { received: 'processing', cleared: 'success', suspended: 'error', settled: 'default' } as const;
const PROOF_COLOURS = { unchecked: 'default', verified: 'success', failed: 'error' } as const;

export function KindTag({ kind }: { readonly kind: TapRow['kind'] }) {
  const { t } = useLanguage();
  return <Tag color={KIND_COLOURS[kind]}>{t(`kind.${kind}`)}</Tag>;
}

export function TapStateTag({ state }: { readonly state: TapRow['state'] }) {
  const { t } = useLanguage();
  return <Tag color={STATE_COLOURS[state]}>{t(`tapState.${state}`)}</Tag>;
}

export function ProofTag({ state }: { readonly state: TapRow['cryptogram'] }) {
  const { t } = useLanguage();
  return <Tag color={PROOF_COLOURS[state]}>{t(`cryptogram.${state}`)}</Tag>;
}

export function ReasonTags({ reasons }: { readonly reasons: readonly string[] }) {
  const { t } = useLanguage();
  return reasons.map((reason) => (
    <Tag key={reason} color="volcano">
      {t(`reason.${reason}` as TextKey)}
    </Tag>
  ));
}
