/** What a counter does with a card in hand: brings the keys of its industry applications, each command for a challenge. */
import {
  type AsyncCardChannel,
  encodeCommand,
  fromHex,
  PolycardError,
  parseResponse,
  SW_9000_SUCCESS,
  swHex,
  toHex,
} from '@polycard/bytes';
import { INDUSTRY_CHALLENGE_BYTES } from '@polycard/emv';
import type { PlatformApi } from '../link/api-client.ts';

interface CommandAnswer {
  readonly command: string;
  readonly parts: number;
  readonly checkValues: string;
}

export interface DormantApplication {
  /** Its name in the blueprint. */
  readonly application: string;
  readonly aid: Uint8Array;
}

/** Opens each in turn; throws `POLYCARD_FLEET_ACTIVATION` naming the application the card refuses. */
export async function openApplications(
  api: PlatformApi,
  card: AsyncCardChannel,
  cardToken: string,
  applications: readonly DormantApplication[],
): Promise<void> {
  for (const { application, aid } of applications) {
    const send = async (command: Uint8Array, what: string): Promise<Uint8Array> => {
      const { sw, data } = parseResponse(await card.transmit(command));
      if (sw === SW_9000_SUCCESS) return data.slice();
      throw new PolycardError('POLYCARD_FLEET_ACTIVATION', `the card answered ${swHex(sw)} to ${what}`, {
        where: `${application}, ${what}`,
        expected: '9000',
      });
    };
    await send(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid, le: 256 }), 'SELECT');
    let checkValues = '';
    let answered = '';
    for (let part = 1, parts = 1; part <= parts; part++) {
      const header = { cla: 0, ins: 0x84, p1: 0, p2: 0, data: new Uint8Array(0), le: INDUSTRY_CHALLENGE_BYTES };
      const challenge = toHex(await send(encodeCommand(header), 'GET CHALLENGE'));
      const request = { cardToken, application, part, challenge };
      const answer = await api.post<CommandAnswer>('/api/activation/commands', request);
      parts = answer.parts;
      checkValues += answer.checkValues;
      answered = toHex(await send(fromHex(answer.command), 'ACTIVATE'));
    }
    if (answered !== checkValues) {
      throw new PolycardError('POLYCARD_FLEET_ACTIVATION', 'the card took other keys than were sent', {
        where: `${application}, check values`,
        expected: checkValues,
      });
    }
    await api.post('/api/activation/done', { cardToken, application });
  }
}
