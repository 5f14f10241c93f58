/**
 * Industry business of a counter that is on the line: what applications a card has, and the finished commands that open
 * one. The vault makes them for the card's own challenge; nothing changes here until the card has taken its keys.
 */
import { fileApplications } from '@polycard/blueprint';
import { PolycardError, toHex } from '@polycard/bytes';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { ActivationService } from '../activation/service.ts';
import { actAs } from '../audit/acting.ts';

export interface IndustryCard {
  readonly token: string;
  readonly product: string;
}

export interface IndustryAsker {
  readonly terminalNo: string;
  /** The terminal's profile in the blueprint. */
  readonly profile: string;
}

export interface ApplicationOnCard {
  readonly application: string;
  /** As its life cycle names it; records of the payment application are `open` from issue. */
  readonly state: string;
  /** Hexadecimal; absent for records of the payment application. */
  readonly aid?: string;
}

export const INDUSTRY_CODES = {
  approved: '00',
  /** The check values that the card answered are not those of the keys sent. */
  otherKeys: '05',
  unknownCard: '14',
  format: '30',
  /** The card's product does not carry the application, or it is in another state of its life. */
  notForCard: '57',
  /** The terminal is no counter. */
  notForTerminal: '58',
  stoppedCard: '62',
} as const;

const COUNTER_ROLE = 'counter';
const OPEN_FROM_ISSUE = 'open';
const CARD_ACTIVE = 'active';

export interface IndustryAnswer {
  readonly code: string;
  readonly application?: ApplicationOnCard;
  readonly parts?: number;
  readonly command?: string;
  readonly checkValues?: string;
}

export class IndustryDesk {
  readonly #context: PlatformContext;
  readonly #activation: ActivationService;

  constructor(context: PlatformContext) {
    this.#context = context;
    this.#activation = new ActivationService(context);
  }

  /**
   * Why nothing is done for this card at this terminal; undefined when it may be. What the card did already is heard of
   * stopped and listed cards too (`isFact`).
   */
  async refusal(
    asker: IndustryAsker,
    token: string,
    { application, isFact }: { readonly application: string | undefined; readonly isFact: boolean },
  ): Promise<string | undefined> {
    const profile = this.#context.region.blueprint.terminals.profiles.find(({ id }) => id === asker.profile);
    if (profile?.roles.includes(COUNTER_ROLE) !== true) return INDUSTRY_CODES.notForTerminal;
    const { database } = this.#context.store;
    const card = await database.selectFrom('card').select('state').where('token', '=', token).executeTakeFirst();
    if (card === undefined) return INDUSTRY_CODES.unknownCard;
    if (isFact) return undefined;
    if (card.state !== CARD_ACTIVE) return INDUSTRY_CODES.stoppedCard;
    const scopes = ['card', ...(application === undefined ? [] : [application])];
    const listed = await database
      .selectFrom('deny_entry')
      .select('card_token')
      .where('card_token', '=', token)
      .where('scope', '=', sql<string>`ANY(${scopes}::text[])`)
      .where('removed_no', 'is', null)
      .executeTakeFirst();
    return listed === undefined ? undefined : INDUSTRY_CODES.stoppedCard;
  }

  /** Everything of the card's product, with its state; of one application, at most that. */
  async applications(token: string, wanted?: string): Promise<ApplicationOnCard[]> {
    const { region, store } = this.#context;
    const card = await store.database
      .selectFrom('card')
      .select('product')
      .where('token', '=', token)
      .executeTakeFirstOrThrow();
    const rows = await store.database
      .selectFrom('card_application')
      .select(['application', 'state'])
      .where('card_token', '=', token)
      .execute();
    const stateOf = new Map(rows.map(({ application, state }) => [application, state]));
    const aidOf = new Map(fileApplications(region.blueprint).map(({ application, aid }) => [application, aid]));
    const product = region.blueprint.cards.products.find(({ id }) => id === card.product);
    return (product?.applications ?? [])
      .filter((application) => wanted === undefined || application === wanted)
      .flatMap((application): ApplicationOnCard[] => {
        const aid = aidOf.get(application);
        if (aid === undefined) return [{ application, state: OPEN_FROM_ISSUE }];
        const state = stateOf.get(application);
        return state === undefined ? [] : [{ application, state, aid }];
      });
  }

  /** Whether the application may be opened on the card, and in how many commands. */
  async mayActivate(token: string, application: string): Promise<IndustryAnswer> {
    const [found] = await this.applications(token, application);
    if (found?.aid === undefined)
      return { code: INDUSTRY_CODES.notForCard, ...(found === undefined ? {} : { application: found }) };
    const { from, parts } = this.#activation.planOf(application);
    const code = found.state === from ? INDUSTRY_CODES.approved : INDUSTRY_CODES.notForCard;
    return { code, application: found, parts };
  }

  /** One finished ACTIVATE for one challenge of the card (8 bytes). */
  async activationCommand(
    asker: IndustryAsker,
    request: {
      readonly token: string;
      readonly application: string;
      readonly part: number;
      readonly challenge: Uint8Array;
    },
  ): Promise<IndustryAnswer> {
    const allowed = await this.mayActivate(request.token, request.application);
    if (allowed.code !== INDUSTRY_CODES.approved) return allowed;
    try {
      const { command, parts, checkValues } = await actAs({ who: `terminal ${asker.terminalNo}` }, () =>
        this.#activation.commandFor({
          ...{ cardToken: request.token, application: request.application, part: request.part },
          challenge: toHex(request.challenge),
        }),
      );
      await sql`UPDATE card_application SET offered = offered || ${JSON.stringify({ [request.part]: checkValues })}::jsonb
        WHERE card_token = ${request.token} AND application = ${request.application}`.execute(
        this.#context.store.database,
      );
      return { code: INDUSTRY_CODES.approved, parts, command, checkValues };
    } catch (error) {
      if (error instanceof PolycardError && error.code === 'POLYCARD_API_INPUT') return { code: INDUSTRY_CODES.format };
      throw error;
    }
  }

  /** The card took the keys, as its check values prove; or says itself that it is open. Told twice, it is done once. */
  async activated(
    asker: IndustryAsker,
    told: { readonly token: string; readonly application: string; readonly checkValues: Uint8Array | undefined },
  ): Promise<IndustryAnswer> {
    const { token, application, checkValues } = told;
    const [found] = await this.applications(token, application);
    if (found?.aid === undefined) return { code: INDUSTRY_CODES.notForCard };
    const { from, to, parts } = this.#activation.planOf(application);
    if (found.state !== from && found.state !== to) return { code: INDUSTRY_CODES.notForCard, application: found };
    const who = `terminal ${asker.terminalNo}`;
    if (checkValues !== undefined && toHex(checkValues) !== (await this.#offered(token, application, parts)))
      return { code: INDUSTRY_CODES.otherKeys };
    if (found.state === from) await this.#activation.activated({ cardToken: token, application }, who);
    return { code: INDUSTRY_CODES.approved, application: { ...found, state: to } };
  }

  /** Check values of the keys last sent for this opening, of all its parts in order. */
  async #offered(token: string, application: string, parts: number): Promise<string> {
    const { offered } = await this.#context.store.database
      .selectFrom('card_application')
      .select('offered')
      .where('card_token', '=', token)
      .where('application', '=', application)
      .executeTakeFirstOrThrow();
    return Array.from({ length: parts }, (_, index) => offered[String(index + 1)] ?? '').join('');
  }
}
