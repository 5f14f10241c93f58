/** Enrolment of what the blueprint lacks: operators, places, terminals; and the zones their keys travel in. */
import { fromHex, toHex } from '@polycard/bytes';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { bulkInsert } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import { audit } from '../audit/service.ts';
import { LIST_KEY_LABEL } from '../deny-lists/publication.ts';
import { SamService } from '../sams/service.ts';
import type { MakerTerminalsAnswer, TakeZoneKeyRequest, TerminalRequest, TerminalsAnswer, ZoneRequest } from './api.ts';

export const TPDU = '6000030000';
export const HEADER = '613100313031';
/** What a zone's receiver may get; each zone is opened for one of them. */
const ZONE_CARRIES = {
  cards: ['issuer', 'activation'],
  terminals: ['terminals', 'management'],
  maker: ['terminals'],
} as const;
const FIRST_ENROLLED_PARTY_CODE = 9001;
const FIRST_ENROLLED_PLACE_CODE = 9001;
const FIRST_TERMINAL_NO = 10_000_001;
const ENROLMENT_LOCK = 20180101;

export class EnrolmentService {
  readonly #context: PlatformContext;
  readonly #sams: SamService;

  constructor(context: PlatformContext) {
    this.#context = context;
    this.#sams = new SamService(context);
  }

  async openZone({ name, purpose, publicKey: theirs }: Static<typeof ZoneRequest>, who: string) {
    const { vault, random, store, now } = this.#context;
    const zoneId = `${name}-${toHex(random(4)).toLowerCase()}`;
    const { publicKey, checkValue } = await vault.openZone(zoneId, fromHex(theirs), ZONE_CARRIES[purpose]);
    await store.database.transaction().execute((transaction) =>
      audit(transaction, now(), {
        who,
        what: 'zone.opened',
        subject: zoneId,
        detail: { purpose, checkValue: toHex(checkValue) },
      }),
    );
    return { zoneId, publicKey: toHex(publicKey), checkValue: toHex(checkValue) };
  }

  /** Finds each operator by identifier, name or alias (or the alias of one of its lines); enrols it otherwise. */
  async enrolOperators(
    requests: readonly { name: string; mode: 'metro' | 'bus'; discounts?: 'tariff' | 'none' }[],
    who: string,
  ) {
    const { store, now } = this.#context;
    return store.database.transaction().execute(async (transaction) => {
      await oneAtATime(transaction);
      const parties = await transaction.selectFrom('party').selectAll().where('kind', '=', 'operator').execute();
      const answers = [];
      for (const request of requests) {
        let party = this.#findOperator(parties, request.name);
        if (party === undefined) {
          const code = nextCode(
            parties.map((known) => known.code),
            FIRST_ENROLLED_PARTY_CODE,
          );
          party = {
            id: `operator-${code}`,
            kind: 'operator',
            code,
            name_en: request.name,
            name_zh: request.name,
            city: null,
            mode: request.mode,
            origin: 'enrolled',
            discounts: request.discounts ?? 'tariff',
          };
          parties.push(party);
          await transaction.insertInto('party').values(party).execute();
          await audit(transaction, now(), {
            who,
            what: 'operator.enrolled',
            subject: party.id,
            detail: { name: request.name, code },
          });
        } else if (request.discounts !== undefined && request.discounts !== party.discounts) {
          const before = party.discounts;
          party.discounts = request.discounts;
          await transaction
            .updateTable('party')
            .set({ discounts: request.discounts })
            .where('id', '=', party.id)
            .execute();
          await audit(transaction, now(), {
            who,
            what: 'operator.discounts-changed',
            subject: party.id,
            detail: { before, after: request.discounts },
          });
        }
        answers.push({
          name: request.name,
          id: party.id,
          code: party.code,
          discounts: party.discounts,
          origin: party.origin as 'blueprint' | 'enrolled',
        });
      }
      return answers;
    });
  }

  async enrolPlaces(requests: readonly { name: string }[], who: string) {
    const { store, now } = this.#context;
    return store.database.transaction().execute(async (transaction) => {
      await oneAtATime(transaction);
      const places = await transaction.selectFrom('place').selectAll().execute();
      const answers = [];
      for (const { name } of requests) {
        let place = places.find((known) => known.name_zh === name || known.name_en === name);
        if (place === undefined) {
          const code = nextCode(
            places.map((known) => known.code),
            FIRST_ENROLLED_PLACE_CODE,
          );
          place = { code, name_en: name, name_zh: name, origin: 'enrolled' };
          places.push(place);
          await transaction.insertInto('place').values(place).execute();
          await audit(transaction, now(), { who, what: 'place.enrolled', subject: code, detail: { name } });
        }
        answers.push({ name, code: place.code, origin: place.origin });
      }
      return answers;
    });
  }

  /** Enrols terminals (a known device keeps its number and gets a fresh master key) and issues their PSAM keys. */
  async enrolTerminals(zoneId: string, requests: readonly TerminalRequest[], who: string): Promise<TerminalsAnswer> {
    const { vault } = this.#context;
    const operators = await this.#operatorsFor(requests);
    const keys = await Promise.all(requests.map(() => vault.issueTerminalMasterKey(zoneId)));
    const psam = await this.#sams.psamKeys(zoneId);
    const rows = await this.#enrol({ zoneId, requests, who, operators, keys }, (transaction, terminalNos) =>
      this.#sams.bind(transaction, zoneId, terminalNos, psam),
    );
    return {
      tpdu: TPDU,
      header: HEADER,
      ...this.#listKey(),
      terminals: rows.map((row, index) => ({
        deviceNo: row.device_no,
        terminalNo: row.terminal_no,
        merchantNo: row.merchant_no,
        operatorCode: operators.get(row.operator_id)!.code,
        batchNo: row.batch_no,
        masterKey: toHex(keys[index]!.enciphered),
        masterKeyCheckValue: toHex(keys[index]!.checkValue),
      })),
      psam,
    };
  }

  /** Takes a terminal maker's zone key in; the zone agreed for its passage ends. */
  async takeZoneKey({ name, agreedZoneId, keyBlock }: TakeZoneKeyRequest, who: string) {
    const { vault, random, store, now } = this.#context;
    const taken = await vault.takeZoneKey(`${name}-${toHex(random(4)).toLowerCase()}`, agreedZoneId, keyBlock);
    await store.database.transaction().execute((transaction) =>
      audit(transaction, now(), {
        ...{ who, what: 'zone.key-taken', subject: taken.zoneId },
        detail: { checkValue: taken.checkValue, algorithm: taken.algorithm },
      }),
    );
    return taken;
  }

  /** Terminals of a maker whose zone key was taken in: master keys as key blocks, PSAM cards are handed out by hand. */
  async enrolMakerTerminals(
    zoneId: string,
    requests: readonly TerminalRequest[],
    who: string,
  ): Promise<MakerTerminalsAnswer> {
    const { vault, gatewayAddress } = this.#context;
    const operators = await this.#operatorsFor(requests);
    const keys = await Promise.all(requests.map(() => vault.issueTerminalKeyBlock(zoneId)));
    const rows = await this.#enrol({ zoneId, requests, who, operators, keys });
    return {
      tpdu: TPDU,
      header: HEADER,
      gateway: gatewayAddress(),
      ...this.#listKey(),
      terminals: rows.map((row, index) => ({
        deviceNo: row.device_no,
        terminalNo: row.terminal_no,
        merchantNo: row.merchant_no,
        operatorId: row.operator_id,
        operatorCode: operators.get(row.operator_id)!.code,
        batchNo: row.batch_no,
        masterKey: keys[index]!.keyBlock,
        masterKeyCheckValue: toHex(keys[index]!.checkValue),
      })),
    };
  }

  /** Every operator by identifier. Throws for a request whose operator or profile is not there. */
  async #operatorsFor(requests: readonly TerminalRequest[]): Promise<ReadonlyMap<string, { readonly code: string }>> {
    const { store, region } = this.#context;
    const parties = await store.database
      .selectFrom('party')
      .select(['id', 'code'])
      .where('kind', '=', 'operator')
      .execute();
    const operators = new Map(parties.map((party) => [party.id, party]));
    const profiles = new Set(region.blueprint.terminals.profiles.map(({ id }) => id));
    for (const request of requests) {
      if (!operators.has(request.operatorId))
        throw problem('POLYCARD_OPERATOR_UNKNOWN', `no operator ${request.operatorId}`, 'operatorId');
      if (!profiles.has(request.profile))
        throw problem(
          'POLYCARD_PROFILE_UNKNOWN',
          `no terminal profile ${request.profile}; there are ${[...profiles].join(', ')}`,
          'profile',
        );
    }
    return operators;
  }

  async #enrol(
    enrolment: {
      readonly zoneId: string;
      readonly requests: readonly TerminalRequest[];
      readonly who: string;
      readonly operators: ReadonlyMap<string, { readonly code: string }>;
      readonly keys: readonly { readonly sealed: Uint8Array; readonly checkValue: Uint8Array }[];
    },
    also?: (transaction: Transaction<Tables>, terminalNos: readonly string[]) => Promise<void>,
  ) {
    const { store, region, now } = this.#context;
    const { zoneId, requests, who, operators, keys } = enrolment;
    const profiles = new Map(region.blueprint.terminals.profiles.map((profile) => [profile.id, profile]));
    const time = now();
    return store.database.transaction().execute(async (transaction) => {
      await oneAtATime(transaction);
      const known = new Map(
        (await transaction.selectFrom('terminal').select(['device_no', 'terminal_no', 'batch_no']).execute()).map(
          (row) => [row.device_no, row],
        ),
      );
      let next = FIRST_TERMINAL_NO + known.size;
      const enrolled = requests.map((request, index) => ({
        terminal_no: known.get(request.deviceNo)?.terminal_no ?? String(next++),
        device_no: request.deviceNo,
        merchant_no: `${operators.get(request.operatorId)!.code}`.padStart(15, '8'),
        profile: request.profile,
        mode: profiles.get(request.profile)!.mode,
        operator_id: request.operatorId,
        place_code: request.placeCode ?? null,
        line: request.line ?? null,
        route: request.route ?? null,
        vehicle: request.vehicle ?? null,
        origin: region.blueprint.terminals.terminals.some((terminal) => terminal.deviceNo === request.deviceNo)
          ? 'blueprint'
          : 'enrolled',
        state: 'enrolled',
        batch_no: known.get(request.deviceNo)?.batch_no ?? 1,
        sealed_master_key: toHex(keys[index]!.sealed),
        enrolled_at: time.toISOString(),
      }));
      await bulkInsert(
        'terminal',
        [
          ...[
            'terminal_no',
            'device_no',
            'merchant_no',
            'profile',
            'mode',
            'operator_id',
            'place_code',
            'line',
            'route',
            'vehicle',
            'origin',
            'state',
          ].map((name) => ({ name, type: 'text' as const })),
          { name: 'batch_no', type: 'integer' },
          { name: 'sealed_master_key', type: 'hex' },
          { name: 'enrolled_at', type: 'timestamptz' },
        ],
        enrolled,
        'ON CONFLICT (terminal_no) DO UPDATE SET sealed_master_key = excluded.sealed_master_key, sealed_working_keys = NULL, state = excluded.state',
      ).execute(transaction);
      if (also !== undefined) {
        await also(
          transaction,
          enrolled.map((row) => row.terminal_no),
        );
      }
      await audit(transaction, time, {
        who,
        what: 'terminals.enrolled',
        subject: zoneId,
        detail: { count: requests.length, checkValues: keys.slice(0, 5).map((key) => toHex(key.checkValue)) },
      });
      return enrolled;
    });
  }

  #listKey(): { listKey?: { modulus: string; exponent: string } } {
    const { vault, region } = this.#context;
    if (region.blueprint.denyLists === undefined) return {};
    const { modulus, exponent } = vault.rsaPublicKey(LIST_KEY_LABEL);
    return { listKey: { modulus: toHex(modulus), exponent: toHex(exponent) } };
  }

  #findOperator<T extends { id: string; name_en: string; name_zh: string }>(
    parties: readonly T[],
    name: string,
  ): T | undefined {
    const { blueprint } = this.#context.region;
    const direct = parties.find((party) => party.id === name || party.name_en === name || party.name_zh === name);
    if (direct !== undefined) return direct;
    const aliased = blueprint.parties.find((party) => party.aliases?.includes(name));
    if (aliased !== undefined) return parties.find((party) => party.id === aliased.id);
    for (const network of blueprint.networks) {
      const line = network.lines.find((candidate) => candidate.aliases.includes(name) || candidate.name.zh === name);
      const owner = line === undefined ? undefined : blueprint.parties.find((party) => party.lines?.includes(line.id));
      if (owner !== undefined) return parties.find((party) => party.id === owner.id);
    }
    return undefined;
  }
}

function nextCode(taken: readonly string[], first: number): string {
  const highest = taken.reduce((max, code) => Math.max(max, Number(code)), first - 1);
  return String(highest + 1).padStart(4, '0');
}

/** Numbers are given in order of what is there: two enrolments at the same moment would give the same ones. */
async function oneAtATime(transaction: Kysely<Tables>): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${ENROLMENT_LOCK})`.execute(transaction);
}
