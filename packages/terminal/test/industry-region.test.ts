import { fromHex, toHex } from '@polycard/bytes';
import { industryPinBlock, industryTac } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import {
  identifyPatient,
  insertIntoMeter,
  isWriteBackGenuine,
  judgeSale,
  orderMacInput,
  readDecisions,
  readEmergencyData,
  readLicence,
  readUtilityCard,
  readVisit,
  type UtilityOrder,
  visitNumbers,
  writeOrder,
  writePoints,
  writeVisit,
} from '../src/index.ts';
import {
  codecOf,
  INDUSTRY_PIN,
  industryKeyOf,
  industryTerminal,
  METER,
  regionalIndustryCard,
  utilityCodecs,
} from './industry-applications.ts';

const PIN = industryPinBlock(INDUSTRY_PIN);

describe('the industry applications of Guangdong, from their blueprint', () => {
  it.each(['water', 'electricity', 'gas'])(
    '%s: an order goes from the counter into the meter and is read back',
    (commodity) => {
      const codecs = utilityCodecs(commodity);
      const identity = { meterNumber: METER, customerNumber: '000001234567' };
      const card = regionalIndustryCard({
        [commodity]: new Map([
          ['account', codecs.account.encode(identity)],
          ['order', codecs.order.encode({ orderId: '2026100100000001', purchaseSequence: 6 })],
          ['write-back', codecs.writeBack.encode({ ...identity, written: '01', acceptedSequence: 6, remaining: 1200 })],
        ]),
      });
      const counter = () =>
        industryTerminal(card, commodity, [`${commodity}-read`, `${commodity}-update-counter`, `${commodity}-line`]);
      const meter = () =>
        industryTerminal(card, commodity, [`${commodity}-update-meter`, `${commodity}-line`, `${commodity}-authentic`]);
      const macOf = (input: Uint8Array) => industryTac('SM4', industryKeyOf(`${commodity}-purchase-data`), input);
      const client = counter();
      const before = readUtilityCard(client, codecs);
      const verdict = judgeSale(before, { meterNo: METER, amountFen: 20_000, hoardingLimitFen: 50_000 });
      expect(verdict).toEqual({ verdict: 'sell', purchaseSequence: 7 });
      const order: UtilityOrder = {
        ...{ orderId: '2026110100000042', purchaseSequence: 7, amountFen: 20_000, cumulativeFen: 20_000 },
        ...{ at: '20261101103000', replaceCount: 0, cardKind: '02', mode: '01' },
      };
      const orderMac = macOf(orderMacInput(codecs, before, order));
      expect(writeOrder(client, codecs, order, { orderMac, terminalNo: '000000000001', type: '01' })).toHaveLength(4);
      card.reset();
      const state = {
        meterNo: METER,
        acceptedSequence: 6,
        remainingFen: 1200,
        cumulativeFen: 0,
        replaceCount: 0,
        hoardingLimitFen: 50_000,
      };
      const taken = insertIntoMeter(meter(), codecs, state, { at: '20261101182000', purchaseDataMac: macOf });
      expect(taken).toMatchObject({ result: 'accepted', meter: { remainingFen: 21_200 } });
      card.reset();
      const back = readUtilityCard(counter(), codecs);
      expect(isWriteBackGenuine(back.writeBack, macOf)).toBe(true);
      expect(isWriteBackGenuine(back.writeBack.with(17, 1), macOf)).toBe(false);
      expect(back).toMatchObject({
        acceptedSequence: 7,
        written: true,
        remainingFen: 21_200,
      });
    },
  );

  it('health: identity, emergency data and a visit, each by the role that may', () => {
    const holder = codecOf('health', 'holder');
    const values = { holderName: '张三', identityNumber: '440100199001010007' };
    const card = regionalIndustryCard({ health: new Map([['holder', holder.encode(values)]]) });
    const registration = industryTerminal(card, 'health', [
      'health-read-registration',
      'health-authentic',
      'health-line',
    ]);
    expect(identifyPatient(registration, holder)).toMatchObject(values);
    expect(() => readEmergencyData(registration, codecOf('health', 'emergency'))).toThrow(
      'no right of reading emergency',
    );
    card.reset();
    const keys = ['health-read-physician', 'health-update-visit', 'health-authentic', 'health-line'];
    const physician = industryTerminal(card, 'health', keys);
    physician.offerPin(PIN);
    expect(readEmergencyData(physician, codecOf('health', 'emergency'))).toBeTypeOf('object');
    const body = Uint8Array.from({ length: 512 }, (_, index) => index & 0xff);
    writeVisit(physician, 'outpatient', 2, body);
    expect(visitNumbers(physician, 'outpatient')).toContain(2);
    expect(toHex(readVisit(physician, 'outpatient', 2))).toBe(toHex(body));
  });

  it('traffic: licence for the police, points from the authority, the front of decisions for a payment terminal', () => {
    const licence = codecOf('traffic', 'driver-licence');
    const points = codecOf('traffic', 'points');
    const contents = new Map([['driver-licence', licence.encode({ licenceNumber: '440100199001010007' })]]);
    const card = regionalIndustryCard({ traffic: contents });
    const police = industryTerminal(card, 'traffic', ['traffic-read-police', 'traffic-authentic', 'traffic-line']);
    expect(readLicence(police, licence)['licenceNumber']).toBe('440100199001010007');
    card.reset();
    const authority = industryTerminal(card, 'traffic', [
      'traffic-update-authority',
      'traffic-read-police',
      'traffic-authentic',
      'traffic-line',
    ]);
    writePoints(authority, points, { points: 6 });
    expect(points.decode(authority.readBinary('points'))['points']).toBe(6);
    authority.appendRecord('decisions', fromHex('30'.repeat(96)));
    card.reset();
    const payment = industryTerminal(card, 'traffic', ['traffic-read-payment', 'traffic-authentic', 'traffic-line']);
    expect(readDecisions(payment).map((record) => record.length)).toEqual([53]);
    expect(() => readLicence(payment, licence)).toThrow('no right of reading driver-licence');
  });
});
