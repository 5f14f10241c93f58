/**
 * Shop: a qPBOC purchase, offline. No industry record is read or written, so any PBOC card may pay; the tap states the
 * amount and where it was (PBOC 3.0 Part 12, as publicly described).
 */
import { CAPP_INDICATOR } from '@polycard/emv';
import { refuse } from '../kernel/outcome.ts';
import { type Journey, NO_CODE } from './journey.ts';

/** Nobody read a record that says it. */
const NO_CITY = '0000';

export const purchase: Journey = {
  cappIndicator: CAPP_INDICATOR.none,
  reads: () => [],
  plan: ({ configuration, parameters, request }) => {
    const amountFen = request.amountFen ?? 0;
    if (amountFen <= 0) refuse('no-amount', 'a purchase needs an amount');
    return {
      amountFen,
      homeCity: NO_CITY,
      updates: () => [],
      industry: {
        ...{ kind: 'purchase', operatorCode: configuration.operatorCode, placeCode: configuration.placeCode },
        ...{ baseFen: amountFen, baseSource: 'declared', classCode: NO_CODE, serviceClassCode: NO_CODE },
        ...{ transferApplied: false, tariffVersion: parameters.version, homeCity: NO_CITY, at: request.at },
      },
    };
  },
};
