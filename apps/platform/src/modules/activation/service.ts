/**
 * Opening industry file applications on cards: what a counter or the card bureau asks while the card is there. The
 * application was issued dormant with its opening key; the commands come finished from the vault.
 */
import { describeFileApplications, type FileApplicationDescription } from '@polycard/blueprint';
import { concat, fromHex, toHex } from '@polycard/bytes';
import { KEYS_PER_ACTIVATE } from '@polycard/emv';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit/service.ts';
import type { ActivationCommand, ActivationCommandRequest } from './api.ts';

const ACTIVATE = 'ACTIVATE';

export class ActivationService {
  readonly #context: PlatformContext;
  readonly #descriptions: ReadonlyMap<string, FileApplicationDescription>;

  constructor(context: PlatformContext) {
    this.#context = context;
    this.#descriptions = new Map(
      describeFileApplications(context.region.blueprint).map((description) => [description.application, description]),
    );
  }

  async commandFor(request: ActivationCommandRequest): Promise<ActivationCommand> {
    const { region, vault } = this.#context;
    const description = this.#description(request.application);
    const card = await this.#card(request.cardToken, request.application);
    const { from } = transitionOf(description);
    if (card.state !== from) {
      throw problem(
        'POLYCARD_ACTIVATION_STATE',
        `${request.application} of this card is ${card.state}, not ${from}`,
        'application',
      );
    }
    const identity = { pan: card.pan, psn: card.psn, homeCityCode: card.homeCity, applicationSerial: card.serial };
    const keys = keysBrought(description).map(({ label, reference }) => ({
      ...{ label, reference, factors: region.factors(label, identity) },
    }));
    const parts = Math.ceil(keys.length / KEYS_PER_ACTIVATE);
    if (request.part > parts) throw problem('POLYCARD_API_INPUT', `there are ${parts} commands`, 'part');
    const opening = description.keys.find(({ reference }) => reference === description.activationKey)!.label;
    const { command, checkValues } = await vault.activateApplication(opening, {
      openingFactors: region.factors(opening, identity),
      keys: keys.slice((request.part - 1) * KEYS_PER_ACTIVATE, request.part * KEYS_PER_ACTIVATE),
      challenge: fromHex(request.challenge),
      session: description.session,
      hasMore: request.part < parts,
    });
    return { command: toHex(command), parts, checkValues: toHex(concat(...checkValues)) };
  }

  /** The transition that opens the application, and how many commands that takes. */
  planOf(application: string): { readonly from: string; readonly to: string; readonly parts: number } {
    const description = this.#description(application);
    const { from, to } = transitionOf(description);
    return { from, to, parts: Math.ceil(keysBrought(description).length / KEYS_PER_ACTIVATE) };
  }

  /** The card answered the right check values: from now on its application is open. */
  async activated({ cardToken, application }: { cardToken: string; application: string }, who: string) {
    const { store, now } = this.#context;
    const { from, to } = transitionOf(this.#description(application));
    await store.database.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('card_application')
        .set({ state: to })
        .where('card_token', '=', cardToken)
        .where('application', '=', application)
        .where('state', '=', from)
        .executeTakeFirst();
      if (numUpdatedRows === 0n)
        throw problem('POLYCARD_ACTIVATION_STATE', `this card has no ${application} that is ${from}`, 'application');
      const detail = { application };
      await audit(transaction, now(), { who, what: 'application.activated', subject: cardToken, detail });
    });
    return { state: to };
  }

  #description(application: string): FileApplicationDescription {
    const found = this.#descriptions.get(application);
    if (found !== undefined) return found;
    throw problem(
      'POLYCARD_APPLICATION_UNKNOWN',
      `the blueprint has no file application ${application}`,
      'application',
    );
  }

  async #card(token: string, application: string) {
    const { store, vault } = this.#context;
    const row = await store.database
      .selectFrom('card_application')
      .innerJoin('card', 'card.token', 'card_application.card_token')
      .select(['card.pan_sealed', 'card.psn', 'card.home_city', 'card_application.serial', 'card_application.state'])
      .where('card_application.card_token', '=', token)
      .where('card_application.application', '=', application)
      .executeTakeFirst();
    if (row === undefined)
      throw problem('POLYCARD_CARD_UNKNOWN', `no card ${token} with the application ${application}`, 'cardToken');
    const pan = new TextDecoder().decode(vault.open(row.pan_sealed, `card:${token}`));
    return { pan, psn: row.psn, homeCity: row.home_city, serial: row.serial, state: row.state };
  }
}

/** All keys of the application but the one that opens it, which is on the card. */
const keysBrought = ({ keys, activationKey }: FileApplicationDescription): FileApplicationDescription['keys'] =>
  keys.filter(({ reference }) => reference !== activationKey);

function transitionOf({ application, lifeCycle }: FileApplicationDescription): { from: string; to: string } {
  const found = lifeCycle.transitions.find(({ command }) => command === ACTIVATE);
  if (found === undefined)
    throw problem('POLYCARD_BLUEPRINT_MISSING', `${application} has no transition ${ACTIVATE}`, 'lifeCycle');
  return found;
}
