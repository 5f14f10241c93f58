/** A plan's terminals and cards made real: enrolled, signed in, personalised. */
import { fromHex } from '@polycard/bytes';
import { decryptBlocks, type RandomSource } from '@polycard/crypto';
import type { ScpNumber } from '@polycard/globalplatform';
import { type DownloadedSet, type ListKey, ParameterCompiler, Psam } from '@polycard/terminal';
import { Bureau, type IssuedCard } from './cards/bureau.ts';
import { inParallel } from './in-parallel.ts';
import type { PlatformApi, Zone } from './link/api-client.ts';
import type { Plan } from './plan/plan.ts';
import { type FleetSettings, FleetTerminal } from './terminals/fleet-terminal.ts';

const TERMINALS_PER_REQUEST = 1000;
const STARTS_AT_ONCE = 256;
const NO_PLACE = '0000';

export type ProgressReport = (
  phase: 'terminals' | 'cards' | 'taps' | 'settlement' | 'clearing',
  done: number,
  total: number,
) => void;

interface TerminalsAnswer {
  readonly tpdu: string;
  readonly header: string;
  readonly terminals: readonly {
    deviceNo: string;
    terminalNo: string;
    merchantNo: string;
    operatorCode: string;
    batchNo: number;
    masterKey: string;
  }[];
  readonly listKey?: ListKey;
  readonly psam: readonly { label: string; version: number; enciphered: string }[];
}

export interface Enrolment {
  readonly terminals: readonly FleetTerminal[];
  readonly operatorsEnrolled: number;
  readonly placesEnrolled: number;
}

/** Operators, places and terminals the blueprint lacks are enrolled; every terminal signs in and downloads. */
export async function enrolSite(
  api: PlatformApi,
  zone: Zone,
  plan: Plan,
  settings: FleetSettings,
  report: ProgressReport,
): Promise<Enrolment> {
  const operators = await api.post<{ name: string; id: string; origin: string }[]>(
    '/api/enrolment/operators',
    plan.operators,
  );
  const operatorId = new Map(operators.map((operator) => [operator.name, operator.id]));
  const placeNames = [
    ...new Set(
      plan.terminals.flatMap(({ place }) => (place !== undefined && place.code === undefined ? [place.name] : [])),
    ),
  ];
  const places = await api.post<{ name: string; code: string; origin: string }[]>(
    '/api/enrolment/places',
    placeNames.map((name) => ({ name })),
  );
  const placeCode = new Map(places.map((place) => [place.name, place.code]));
  const codeOf = (index: number): string => {
    const place = plan.terminals[index]!.place;
    return place === undefined ? NO_PLACE : (place.code ?? placeCode.get(place.name) ?? NO_PLACE);
  };

  const terminals: FleetTerminal[] = [];
  const compiler = new ParameterCompiler();
  let psamKeys: { label: string; version: number; key: Uint8Array }[] = [];
  for (let from = 0; from < plan.terminals.length; from += TERMINALS_PER_REQUEST) {
    const chunk = plan.terminals.slice(from, from + TERMINALS_PER_REQUEST);
    const answer = await api.post<TerminalsAnswer>('/api/enrolment/terminals', {
      zoneId: zone.zoneId,
      terminals: chunk.map((terminal, offset) => ({
        deviceNo: terminal.deviceNo,
        profile: terminal.profile,
        operatorId: operatorId.get(terminal.operator) ?? terminal.operator,
        ...(codeOf(from + offset) === NO_PLACE ? {} : { placeCode: codeOf(from + offset) }),
        ...(terminal.route === undefined || terminal.route === '' ? {} : { route: terminal.route }),
        ...(terminal.vehicle === undefined ? {} : { vehicle: terminal.vehicle }),
      })),
    });
    psamKeys = answer.psam.map(({ label, version, enciphered }) => ({
      ...{ label, version },
      key: decryptBlocks('des-ede-ecb', zone.key, fromHex(enciphered)),
    }));
    answer.terminals.forEach((enrolled, offset) => {
      terminals.push(
        new FleetTerminal(
          {
            terminalNo: enrolled.terminalNo,
            merchantNo: enrolled.merchantNo,
            operatorCode: enrolled.operatorCode,
            placeCode: codeOf(from + offset),
            route: chunk[offset]!.route,
            batchNo: enrolled.batchNo,
            masterKey: decryptBlocks('des-ede-ecb', zone.key, fromHex(enrolled.masterKey)),
            tpdu: fromHex(answer.tpdu),
            header: fromHex(answer.header),
            ...(answer.listKey === undefined ? {} : { listKey: answer.listKey }),
          },
          { ...settings, compiler },
        ),
      );
    });
  }
  let psam: Psam | undefined;
  const psamOf = (region: DownloadedSet): Psam => {
    psam ??= new Psam(compiler.psamKeys(region, psamKeys));
    return psam;
  };
  // terminals with the same profile and operator hold the same sets
  const shelves = new Map<string, Map<string, DownloadedSet>>();
  let started = 0;
  await inParallel(terminals, STARTS_AT_ONCE, async (terminal, index) => {
    const { profile, operator } = plan.terminals[index]!;
    const key = `${profile}|${operator}`;
    const shelf = shelves.get(key) ?? new Map<string, DownloadedSet>();
    shelves.set(key, shelf);
    await terminal.start(
      psamOf,
      compiler,
      shelf,
      plan.operators.find((candidate) => candidate.name === operator)?.mode ?? 'metro',
    );
    report('terminals', ++started, terminals.length);
  });
  return {
    terminals,
    operatorsEnrolled: operators.filter((operator) => operator.origin === 'enrolled').length,
    placesEnrolled: places.filter((place) => place.origin === 'enrolled').length,
  };
}

export async function issueCards(
  api: PlatformApi,
  zone: Zone,
  plan: Plan,
  random: RandomSource,
  rsaBits: number,
  report: ProgressReport,
  /** Personalised through a secure channel of this protocol instead of the short way. */
  over?: ScpNumber,
): Promise<IssuedCard[]> {
  const bureau = new Bureau(api, zone, random, rsaBits, over);
  return bureau.issue(plan.cards, (done) => report('cards', done, plan.cards.length));
}
