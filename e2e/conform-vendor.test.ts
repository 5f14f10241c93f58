/** `conform terminal` against a terminal that shares no code with us: what it does right passes. */
import { toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { type Asked, enrolFresh, issueOwnCards, runVendorTerminal, startOwnPlatform } from '@polycard/conformance';
import { encodeKeyBlock, seededRandom } from '@polycard/crypto';
import { expect, it } from 'vitest';
import { buyFromCard, IndependentPos, type PosSale } from './independent-pos.ts';
import { GUANGDONG } from './small-site.ts';

const ZMK = Buffer.from('00112233445566778899AABBCCDDEEF1', 'hex');
const HEADER = {
  ...{ version: 'B' as const, usage: 'K0', algorithm: 'T', modeOfUse: 'D', keyVersion: '00', exportability: 'N' },
  ...{ keyContext: '0', optionalBlocks: [] },
};

it('a terminal of 400 lines passes; what it does not have stays inconclusive', async () => {
  const own = await startOwnPlatform(GUANGDONG, 'conform-vendor');
  try {
    const identity = await enrolFresh(own);
    const [issued] = await issueOwnCards(own, 1);
    const card = VirtualCard.restore(issued!.snapshot, { random: seededRandom('vendor') });
    let pos: IndependentPos | undefined;
    let sequenceNo = 0;
    const waiting: PosSale[] = [];
    const uploaded: PosSale[] = [];
    const ask: Asked = async (act) => {
      try {
        switch (act) {
          case 'sign-in':
            await pos!.signIn();
            break;
          case 'tap': {
            card.reset();
            const sale = buyFromCard((command) => Buffer.from(card.transmit(command)), {
              ...{ amountFen: 200, at: '20180901090000', unpredictable: '11223344', sequenceNo: ++sequenceNo },
              ...{ operatorCode: identity.operatorCode, tariffVersion: '', homeCity: '5840', route: '101' },
            });
            waiting.push(sale);
            return { ok: true, result: 'accepted', said: 'accepted' };
          }
          case 'upload':
            for (let sale = waiting[0]; sale !== undefined; sale = waiting[0]) {
              if ((await pos!.upload(sale)) !== '00') throw new Error('refused');
              uploaded.push(sale);
              waiting.shift();
            }
            break;
          case 'settle': {
            const fen = uploaded.reduce((sum, { amountFen }) => sum + amountFen, 0);
            await pos!.settle(uploaded.length, fen);
            uploaded.length = 0;
            break;
          }
          default:
            throw new Error(`this terminal has no ${act}`);
        }
        return { ok: true, said: 'done' };
      } catch (error) {
        return { ok: false, said: (error as Error).message };
      }
    };
    const cases = await runVendorTerminal(own, {
      ...{ identity, ask, listen: { host: '127.0.0.1', port: 0 } },
      only: [
        'terminal.keys.newest',
        'terminal.traces',
        'terminal.settle.equal',
        'terminal.settle.unequal',
        'terminal.restart',
      ],
      onListening: async ({ host, port }) => {
        const masterKey = encodeKeyBlock(ZMK, HEADER, identity.masterKey, { random: own.random });
        const { terminal, merchant, tpdu, header } = identity;
        pos = new IndependentPos(
          { terminal, merchant, tpdu: toHex(tpdu), header: toHex(header), masterKey, host, port },
          ZMK,
        );
        await pos.connect();
        await pos.signIn();
      },
    });
    pos?.close();
    expect(Object.fromEntries(cases.map(({ id, verdict }) => [id, verdict]))).toEqual({
      'terminal.traces.unique': 'pass',
      'terminal.settle.equal': 'pass',
      'terminal.settle.unequal': 'pass',
      'terminal.keys.newest': 'pass',
      // it has no restart: the case says nothing of what would be after one
      'terminal.restart': 'inconclusive',
    });
  } finally {
    await own.close();
  }
});
