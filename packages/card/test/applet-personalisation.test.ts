import { fromHex, toHex } from '@polycard/bytes';
import { industryFileGroupings } from '@polycard/emv';
import { DEFAULT_PROTOCOL, personaliseCard } from '@polycard/globalplatform';
import { describe, expect, it } from 'vitest';
import { AID_T_UNION_PURSE, groupingsForChannel } from '../src/index.ts';
import { cardKey, HOLDER, IndustryHost, PIN, SERIAL, SPECIFICATIONS } from './industry-card.ts';
import { hostOptions, issuerCard } from './issuer.ts';
import { PurseHost, purseGroupings } from './purse-card.ts';

/** As the issuer domain of a blank card lists them. */
const INDUSTRY_SOURCE = { loadFile: fromHex('F047444943FF'), module: fromHex('F047444943FF01') };

describe.each([2, 3] as const)('a blank card, personalised over SCP0%i', (scp) => {
  const protocol = DEFAULT_PROTOCOL[scp];

  it('gets a purse from its load file: it pays and loads under the keys that came enciphered', async () => {
    const card = issuerCard(protocol);
    const groupings = groupingsForChannel(purseGroupings());
    const report = await personaliseCard(card, [{ aid: AID_T_UNION_PURSE, groupings }], hostOptions(protocol));
    expect(report.applications[0]).toMatchObject({ installedFrom: 'A0000006320101' });
    card.reset();
    const host = new PurseHost(card);
    expect(host.select().sw).toBe('9000');
    expect(host.verify()).toBe('9000');
    expect(host.load(500).sw).toBe('9000');
    expect(host.cappPurchase(200, 1).sw).toBe('9000');
    expect(host.balance()).toBe(1300);
    expect(host.send('80E2000003800000').sw).toBe('6985');
  });

  it('gets industry applications, several instances of one module, each with its own files and keys', async () => {
    const card = issuerCard(protocol);
    const applications = Object.values(SPECIFICATIONS).map((specification) => ({
      aid: fromHex(specification.aid),
      source: INDUSTRY_SOURCE,
      groupings: groupingsForChannel(
        industryFileGroupings(specification, {
          serial: SERIAL,
          keys: new Map(specification.keys.map(({ reference }) => [reference, cardKey(specification, reference)])),
          ...{ pin: PIN, state: 'active', contents: new Map([['holder', HOLDER]]) },
        }),
      ),
    }));
    const report = await personaliseCard(card, applications, hostOptions(protocol));
    expect(report.applications.map(({ installedFrom }) => installedFrom)).toEqual(Array(3).fill('F047444943FF'));
    card.reset();
    const health = new IndustryHost(card, 'health');
    health.select();
    expect(health.verify()).toBe('9000');
    expect(health.mutual(0x03)).toBe('9000');
    expect(toHex(health.send('00B0860036').data)).toBe(toHex(HOLDER));
    const traffic = new IndustryHost(card, 'traffic');
    traffic.select();
    expect(traffic.mutual(0x03)).toBe('9000');
    expect(traffic.send('00B0820010').sw).toBe('9000');
  });
});
